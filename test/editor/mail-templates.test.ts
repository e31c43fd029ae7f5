import assert from "node:assert/strict";
import { DEFAULTS, flowOf, fromEnv } from "./node-types";
import { useEditor } from "./use-editor";

describe("the dialog of notify-owners", function () {
  this.timeout(60_000);
  const editor = useEditor(
    flowOf([
      { id: "notify", type: "notify-owners" },
      { id: "changed", type: "notify-owners", version: 1, templates: { active: { subject: "{{names}} is back" } } },
      {
        ...{ id: "env", type: "notify-owners", version: 1, ...DEFAULTS["notify-owners"] },
        ...{ templates: fromEnv("TEMPLATES"), digestDelay: fromEnv("DELAY") },
      },
    ]),
  );

  /** Opens the dialog at its second tab. */
  const open = async (id: string) => {
    await editor.edit(id);
    await editor.page.locator(".red-ui-tray-body li.red-ui-tab", { hasText: "Mails" }).locator("a").first().click();
  };
  const subject = () => editor.page.locator("#node-field-subject");
  const body = () => editor.page.locator("#node-field-body");
  const previewed = (text: string) =>
    editor.page.locator("#node-field-preview-subject", { hasText: text }).waitFor({ state: "visible" });

  it("shows the mail as it comes, and what it looks like", async () => {
    await open("notify");
    await previewed("Build <b>bot</b> has been switched off");
    assert.match(await body().inputValue(), /^Hello,/);
    assert.match(await editor.page.locator("#node-field-preview-text").innerText(), /^Hello,\s+Your integration Build/);
    await editor.page.locator("#node-field-several").check();
    await previewed("3 integrations have been switched off");
    await editor.page.locator("#node-field-kind").selectOption("at-risk");
    await previewed("Webhooks to 3 integrations are failing");
    await editor.cancel();
  });

  it("stores only what was changed, and shows it while it is typed", async () => {
    await open("notify");
    await previewed("has been switched off");
    await subject().fill("Off: {{names}}");
    await previewed("Off: Build <b>bot</b>");
    await body().fill("Gone.");
    await editor.page.locator("#node-field-preview-text", { hasText: "Gone." }).waitFor();
    assert.equal(await editor.page.locator("#node-field-changed").innerText(), "Changed: Subject, Text");
    await editor.save();
    const expected = { disabled: { subject: "Off: {{names}}", text: "Gone." } };
    assert.deepEqual((await editor.exported("notify")).templates, expected);
    assert.equal((await editor.state("notify")).changed, true);
  });

  it("goes back to the default, by its button and by taking the change back", async () => {
    await open("changed");
    await editor.page.locator("#node-field-kind").selectOption("active");
    await previewed("Build <b>bot</b> is back");
    await editor.page.locator("#node-field-reset").click();
    await previewed("Build <b>bot</b> is active again");
    assert.equal(await editor.page.locator("#node-field-reset").isDisabled(), true);
    const text = await body().inputValue();
    await body().fill("Something else");
    await body().fill(text);
    await editor.save();
    assert.deepEqual((await editor.exported("changed")).templates, {});
  });

  it("draws HTML where it can do nothing", async () => {
    const { page } = editor;
    await open("notify");
    await page.locator("#node-field-kind").selectOption("active");
    await page.locator('#node-field-parts button[value="html"]').click();
    await body().fill("<h1>{{names}}</h1><form><input name=a></form>");
    const frame = page.locator("#node-field-preview-html");
    assert.equal(await frame.getAttribute("sandbox"), "");
    const heading = page.frameLocator("#node-field-preview-html").locator("h1");
    await heading.filter({ hasText: /^Build <b>bot<\/b>$/ }).waitFor();
    await editor.cancel();
  });

  it("keeps what comes from environment variables", async () => {
    await open("env");
    assert.equal(await body().isVisible(), false);
    await editor.save();
    const { templates, digestDelay } = await editor.exported("env");
    assert.deepEqual([templates, digestDelay], [fromEnv("TEMPLATES"), fromEnv("DELAY")]);
    assert.equal((await editor.state("env")).changed, false);
  });

  it("says nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });

  it("says what is wrong with a template", async () => {
    await open("notify");
    await previewed("Off: Build");
    await body().fill("{{#integrations}}");
    await editor.page
      .locator("#node-field-preview-problem", { hasText: /text is ".*", expected a valid Mustache template/ })
      .waitFor();
    await editor.cancel();
  });
});
