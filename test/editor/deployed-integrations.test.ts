import assert from "node:assert/strict";
import { comment, node, SECRET } from "../host/flows";
import { Receiver } from "../host/receiver";
import { useEditor } from "./use-editor";

const HOSTILE = `<img src=x onerror="window.hacked=true">`;

describe("the dialogs about deployed integrations", function () {
  this.timeout(60_000);
  let receiver: Receiver;
  before(async () => {
    receiver = await Receiver.listen();
  });
  after(() => receiver.close());

  const hooks = (id: string) => ({
    ...{ id, type: "webhook-integration", version: 1, name: `The ${id}`, url: receiver.url, allowPrivate: true },
    ...{ retries: "none", ordered: false, credentials: { secret: SECRET } },
  });
  const editor = useEditor(
    () => [
      { id: "flow", type: "tab", label: "Flow" },
      { ...node("comments", "http in", "flow", [["build", "answer"]], { url: "/comments", method: "post" }) },
      node("build", "comment-webhook-build", "flow", [["send"]], { target: "one", integration: "hooks" }),
      node("send", "webhook-send", "flow", [["track"], ["track"], ["track"]]),
      node("track", "error-tracker", "flow", [["health"], []]),
      node("health", "integration-health-check", "flow", [[], [], [], []], {
        ...{ version: 1, rules: [{ rule: "consecutive", count: 100 }], warnAt: 1 },
      }),
      node("answer", "http response", "flow"),
      hooks("hooks"),
      hooks("idle"),
      { ...hooks("blocked"), allowPrivate: false },
      { ...hooks("unsigned"), credentials: {} },
      { ...hooks("down"), url: "http://127.0.0.1:1/" },
    ],
    { running: true },
  );
  const shown = (selector: string, text: string | RegExp) =>
    editor.page.locator(selector, { hasText: text }).waitFor({ state: "visible" });
  const openDesk = async (id?: string) => {
    await editor.editConfig("webhook-integration", id);
    await editor.page
      .locator(".red-ui-tray-body li.red-ui-tab", { hasText: "State and test" })
      .locator("a")
      .first()
      .click();
  };
  const press = (order: string) => editor.page.locator(`button[data-order="${order}"]`).click();
  const pressable = () =>
    editor.page
      .locator("button[data-order]:visible:enabled")
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute("data-order")));

  it("sends a test and shows request and answer, as text", async () => {
    receiver.answerWith(200, HOSTILE, { "x-trace": HOSTILE });
    await openDesk("hooks");
    await shown('[data-desk="state"]', /^active since /);
    assert.deepEqual(await pressable(), ["test", "disable"]);
    await press("test");
    await shown('[data-desk="said"]', /^It answered well: 200, after \d+ ms\.$/);
    const [sent = "", answered = ""] = await editor.page.locator(".cw-exchange").allInnerTexts();
    assert.match(sent, new RegExp(`^POST ${receiver.url}\\n[^]*webhook-id: msg_[^]*"type":"webhook.test"`));
    assert.equal(sent.includes("v1,"), false);
    assert.ok(answered.startsWith("HTTP 200\n") && answered.includes(`x-trace: ${HOSTILE}`));
    assert.ok(answered.endsWith(HOSTILE));
    assert.equal(await editor.page.evaluate(() => "hacked" in globalThis), false);

    receiver.answerWith(500);
    await press("test");
    await shown('[data-desk="said"].cw-problem', /^It answered 500, after \d+ ms\.$/);
    await editor.cancel();
  });

  it("says that nothing was sent, why, and shows no request, if none was made", async () => {
    const saying = async (id: string, words: RegExp) => {
      await openDesk(id);
      await press("test");
      await shown('[data-desk="said"].cw-problem', words);
      assert.equal(await editor.page.locator(".cw-exchange").count(), 0);
      await editor.cancel();
    };
    await saying("blocked", /^Nothing was sent: the URL leads into a private network\./);
    await saying("unsigned", /^Nothing was sent: there is no secret to sign it with\./);
    await saying("down", /^Nothing was sent: the receiver refused the connection\./);
  });

  it("disables, and enables again: by hand, or if a test succeeds", async () => {
    await openDesk("hooks");
    await press("disable");
    await shown('[data-desk="state"]', /^disabled since /);
    await shown('[data-desk="why"]', "disabled by a person in the editor");
    assert.deepEqual(await pressable(), ["test", "test-and-enable", "enable"]);
    receiver.answerWith(500);
    await press("test-and-enable");
    await shown('[data-desk="said"]', /^It answered 500/);
    await shown('[data-desk="state"]', /^disabled since /);
    receiver.answerWith(200);
    await press("test-and-enable");
    await shown('[data-desk="state"]', /^active since /);
    await press("disable");
    await press("enable");
    await shown('[data-desk="state"]', /^active since /);
    await editor.cancel();
  });

  it("offers nothing for an integration that is not deployed, and says so", async () => {
    await openDesk();
    await shown('[data-desk="state"]', /^It is not deployed yet/);
    assert.deepEqual(await pressable(), []);
    await editor.cancel();
  });

  it("shows what the rules in the dialog would have done to an integration", async () => {
    receiver.answerWith(500);
    const json = { "content-type": "application/json" };
    for (const _ of [1, 2]) {
      const body = JSON.stringify(comment());
      await fetch(new URL("comments", editor.session.url), { method: "POST", headers: json, body });
    }
    for (let counted = 0; counted < 2; ) {
      const answer = await fetch(new URL("comment-webhooks/integrations/hooks", editor.session.url));
      const { health } = (await answer.json()) as { health: { days: { error: number }[] } };
      counted = health.days[0]?.error ?? 0;
    }
    const { page } = editor;
    await editor.edit("health");
    const preview = async (of: string) => {
      await page.locator("#node-field-preview-of").selectOption({ label: of });
      await page.locator("#node-field-preview").click();
    };
    const day = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
    await preview("The hooks");
    await shown("#node-field-previewed", `Nothing would have happened on the day that is known (${day}).`);
    await page.locator('#dialog-form [data-number="count"]').fill("2");
    await page.locator("#node-input-minWarning").fill("0");
    await page.locator("#node-field-warnAt").fill("50");
    await preview("The hooks");
    await shown("#node-field-previewed", `By the counts of ${day}, it would have been`);
    const [first = "", second = ""] = await page.locator("#node-field-previewed li").allInnerTexts();
    assert.ok(first.startsWith(`at risk on ${day}: `), first);
    assert.ok(second.startsWith(`disabled on ${day}: `), second);
    await preview("The idle");
    await shown("#node-field-previewed", "Nothing has been counted for it yet.");

    await page.locator('#dialog-form [data-number="count"]').fill(`\${COUNT}`);
    await preview("The hooks");
    await shown("#node-field-previewed", /environment variables/);
    await editor.cancel();
    assert.equal((await editor.state("health")).changed, false);
  });

  it("say nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });

  it("says what is wrong with the rules that are to be previewed", async () => {
    const { page } = editor;
    await editor.edit("health");
    await page.locator('#dialog-form [data-number="count"]').fill("0");
    await page.locator("#node-field-preview").click();
    await shown("#node-field-previewed.cw-problem", /rules\[0\]\.count is 0/);
    await editor.cancel();
  });
});
