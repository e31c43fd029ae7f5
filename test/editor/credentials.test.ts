import assert from "node:assert/strict";
import { editorLoaded } from "./editor-session";
import { flowOf } from "./node-types";
import { useEditor } from "./use-editor";

describe("credentials in the editor", function () {
  this.timeout(60_000);
  const editor = useEditor(
    flowOf([
      { id: "integration", type: "webhook-integration", name: "Acme", url: "https://example.com/hooks", version: 1 },
      { id: "build", type: "comment-webhook-build", version: 1 },
    ]),
  );
  const openHeaders = async () => {
    await editor.editConfig("webhook-integration", "integration");
    await editor.page.locator(".red-ui-tab-label", { hasText: "Connection" }).click();
  };

  it("reach the runtime and are never shown again", async () => {
    const { page } = editor;
    await openHeaders();
    await page.locator("#node-config-input-secret").evaluate((input) => {
      Object.assign(input, { value: "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgMTIz" });
    });
    await page.locator("#node-config-field-headers-edit .red-ui-editableList-addButton").click();
    await page.locator(".cw-name").fill("Authorization");
    await page.locator(".cw-value").fill("Bearer hidden-token");
    await editor.save();

    const deployed = page.waitForResponse(
      (answer) => answer.url().endsWith("/flows") && answer.request().method() === "POST",
    );
    await page.locator("#red-ui-header-button-deploy").click();
    assert.ok((await deployed).ok());

    const flows = await (await page.request.get(new URL("flows", editor.session.url).href)).text();
    const stored = await page.request.get(
      new URL("credentials/webhook-integration/integration", editor.session.url).href,
    );
    assert.doesNotMatch(flows, /whsec_|hidden-token/);
    assert.deepEqual(await stored.json(), { has_secret: true, has_previousSecret: false, has_headers: true });

    await page.reload();
    await editorLoaded(page);
    await openHeaders();
    assert.equal(await page.locator("#node-config-input-secret").inputValue(), "__PWRD__");
    assert.equal(await page.locator("#node-config-field-headers-stored").isVisible(), true);
    assert.equal(await page.locator(".cw-name").count(), 0);
    await editor.save();
    assert.equal((await editor.state("integration")).changed, false);
  });

  it("let stored headers be replaced as a whole", async () => {
    const { page } = editor;
    await openHeaders();
    await page.locator("#node-config-field-headers-replace").click();
    await page.locator(".cw-name").fill("Host");
    assert.match((await page.locator(".cw-name").getAttribute("title")) ?? "", /not allowed/);
    await page.locator(".cw-name").fill("X-Team");
    await page.locator(".cw-value").fill("chat");
    assert.equal(await page.locator("#node-config-input-headers").inputValue(), '{"X-Team":"chat"}');
    await editor.cancel();
  });

  it("mark an integration's missing secret", async () => {
    await editor.editConfig("webhook-integration", "integration");
    const secret = editor.page.locator("#node-config-input-secret");
    await secret.fill("");
    await secret.press("End");
    assert.match((await secret.getAttribute("class")) ?? "", /input-error/);
    await secret.fill("whsec_not base64!");
    await secret.press("End");
    assert.match((await secret.getAttribute("class")) ?? "", /input-error/);
    await secret.fill("any other text");
    await secret.press("End");
    assert.doesNotMatch((await secret.getAttribute("class")) ?? "", /input-error/);
    await editor.cancel();
  });
});
