import assert from "node:assert/strict";
import { DEFAULTS, flowOf, fromEnv, TYPES } from "./node-types";
import { useEditor } from "./use-editor";

describe("the dialog", () => {
  const editor = useEditor(flowOf(TYPES.map((type) => ({ id: `bare-${type}`, type }))));

  describe("of comment-webhook-build", () => {
    it("shows the fields that matter for the chosen target and source", async () => {
      const { page } = editor;
      const visible = () =>
        page
          .locator("#dialog-form [data-target]:visible, #dialog-form [data-source]:visible")
          .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-target") ?? row.getAttribute("data-source")));
      await editor.edit("bare-comment-webhook-build");
      assert.deepEqual(await visible(), ["subscribed"]);
      await page.locator("#node-input-target").selectOption("one");
      await page.locator("#node-input-source").selectOption("custom");
      assert.deepEqual(await visible(), ["one", "custom"]);
      await page.locator("#node-input-target").selectOption("msg");
      await page.locator("#node-input-source").selectOption("github");
      assert.deepEqual(await visible(), ["msg"]);
      await editor.cancel();
    });

    it("offers an example of a mapping, which is valid", async () => {
      const { page } = editor;
      await editor.edit("bare-comment-webhook-build");
      await page.locator("#node-input-source").selectOption("custom");
      await page.locator("#node-field-mapping-example").click();
      await editor.save();
      assert.match(String((await editor.exported("bare-comment-webhook-build")).mapping), /"action": "created"/);
      assert.deepEqual((await editor.state("bare-comment-webhook-build")).problems, []);
    });
  });

  describe("of integration-health-check", () => {
    const id = "bare-integration-health-check";
    const rows = () => editor.page.locator("#dialog-form .red-ui-editableList-item-content");

    it("adds, changes and removes rules", async () => {
      const { page } = editor;
      await editor.edit(id);
      await page.locator("#dialog-form .red-ui-editableList-addButton").click();
      await rows().nth(3).locator(".cw-rule > select").selectOption("failure-rate");
      await rows().nth(3).locator('[data-number="minutes"]').fill("30");
      await rows().nth(2).locator('[data-number="span"]').selectOption("48");
      await page.locator("#dialog-form .red-ui-editableList-item-remove").first().click();
      await editor.save();
      assert.deepEqual((await editor.exported(id)).rules, [
        { rule: "failing-days", days: 7 },
        { rule: "failing-for", hours: 120, attempts: 4, span: 48, apart: 24 },
        { rule: "failure-rate", percent: 50, attempts: 500, minutes: 30 },
      ]);
      assert.deepEqual((await editor.state(id)).problems, []);
    });

    it("orders rules by their handles", async () => {
      const { page } = editor;
      await editor.edit(id);
      const handles = page.locator("#dialog-form .red-ui-editableList-item-handle");
      const from = await handles.nth(2).boundingBox();
      const to = await handles.nth(0).boundingBox();
      assert.ok(from && to);
      await page.mouse.move(from.x + 5, from.y + 5);
      await page.mouse.down();
      await page.mouse.move(from.x + 5, to.y + 20, { steps: 10 });
      await page.mouse.move(from.x + 5, to.y - 30, { steps: 10 });
      await page.mouse.up();
      await editor.save();
      const { rules } = await editor.exported(id);
      assert.ok(Array.isArray(rules));
      assert.deepEqual(
        rules.map(({ rule }) => rule),
        ["failure-rate", "failing-days", "failing-for"],
      );
    });

    it("puts a preset in place of the rules", async () => {
      const { page } = editor;
      for (const [preset, expected] of [
        ["sentry", ["fatal", "failing-days", "timeouts-per-day"]],
        ["default", ["fatal", "failing-days", "failing-for"]],
      ] as const) {
        await editor.edit(id);
        await page.locator(`#node-field-preset-${preset}`).click();
        await editor.save();
        const { rules } = await editor.exported(id);
        assert.ok(Array.isArray(rules));
        assert.deepEqual(
          rules.map(({ rule }) => rule),
          expected,
        );
      }
    });

    it("says what Sentry's counting does, in place of the rules", async () => {
      const { page } = editor;
      await editor.edit(id);
      await page.locator("#node-input-counting").selectOption("sentry");
      assert.equal(await page.locator("#node-field-rules").isVisible(), false);
      assert.match(await page.locator('[data-counting="sentry"]').innerText(), /1,000 time-outs/);
      await editor.cancel();
    });

    it("takes the warning as a percentage and stores the share", async () => {
      const { page } = editor;
      await editor.edit(id);
      assert.equal(await page.locator("#node-field-warnAt").inputValue(), "50");
      await page.locator("#node-field-warnAt").fill("80");
      await editor.save();
      assert.equal((await editor.exported(id)).warnAt, 0.8);
    });

    it("warns that nothing is disabled without a rule", async () => {
      const { page } = editor;
      await editor.edit(id);
      assert.equal(await page.locator("#node-field-no-rule").isVisible(), false);
      for (let left = 3; left > 0; left--) {
        await page.locator("#dialog-form .red-ui-editableList-item-remove").first().click();
        await page.waitForFunction((count) => {
          const { document } = globalThis as unknown as {
            document: { querySelectorAll(query: string): ArrayLike<unknown> };
          };
          return document.querySelectorAll("#dialog-form .red-ui-editableList-item-content").length === count;
        }, left - 1);
      }
      assert.equal(await page.locator("#node-field-no-rule").isVisible(), true);
      await editor.cancel();
    });
  });

  describe("of webhook-integration", () => {
    const id = "bare-webhook-integration";
    const tab = async (label: string) => {
      const wanted = editor.page.locator(".red-ui-tray-body li.red-ui-tab", { hasText: label });
      // Node-RED takes a second click within 400 ms for a double click and ignores it, even on another tab.
      do await wanted.locator(".red-ui-tab-label").click();
      while (!((await wanted.getAttribute("class")) ?? "").includes("active"));
    };

    it("stores what is entered, numbers as numbers and lists as lists", async () => {
      const { page } = editor;
      await editor.editConfig("webhook-integration", id);
      await page.locator("#node-config-input-url").fill("https://example.com/hooks");
      await page.locator('#node-config-field-events input[value="comment.updated"]').uncheck();
      await page
        .locator("#node-config-field-projects")
        .locator("xpath=../..")
        .locator(".red-ui-editableList-addButton")
        .click();
      await page.locator("#node-config-field-projects .cw-entry").fill("backend");
      await tab("Delivery");
      await page.locator("#node-config-input-timeout").fill("2500");
      await page.locator("#node-config-input-rate").fill(fromEnv("RATE"));
      await page.locator("#node-config-field-retries").selectOption("custom");
      await page.locator("#node-config-field-waits").fill("1, 2.5 ,60");
      await page.locator("#node-config-field-ordered").selectOption("false");
      await tab("Owners");
      await page
        .locator("#node-config-field-owners")
        .locator("xpath=../..")
        .locator(".red-ui-editableList-addButton")
        .click();
      await page.locator("#node-config-field-owners .cw-entry").fill(fromEnv("OWNERS"));
      await editor.save();
      const saved = await editor.exported(id);
      assert.deepEqual(
        {
          url: saved.url,
          events: saved.events,
          projects: saved.projects,
          timeout: saved.timeout,
          rate: saved.rate,
          retries: saved.retries,
          ordered: saved.ordered,
          owners: saved.owners,
        },
        {
          url: "https://example.com/hooks",
          events: ["comment.created", "comment.deleted"],
          projects: ["backend"],
          timeout: 2500,
          rate: fromEnv("RATE"),
          retries: [1, 2.5, 60],
          ordered: false,
          owners: fromEnv("OWNERS"),
        },
      );
      assert.deepEqual((await editor.state(id)).problems, []);
    });

    it("takes a choice from an environment variable, by name", async () => {
      const { page } = editor;
      await editor.editConfig("webhook-integration", id);
      await tab("Connection");
      const row = page.locator(".form-row", { has: page.locator("#node-config-field-allowPrivate") });
      await page.locator("#node-config-field-allowPrivate").selectOption({ label: "from an environment variable …" });
      await row.locator(".cw-env").fill("not one");
      assert.equal(await row.locator(".cw-env.input-error").count(), 1);
      await row.locator(".cw-env").fill(fromEnv("PRIVATE"));
      assert.equal(await row.locator(".cw-env.input-error").count(), 0);
      await editor.save();
      assert.equal((await editor.exported(id)).allowPrivate, fromEnv("PRIVATE"));
    });

    it("generates a secret of 24 random bytes, shows it, and keeps the one before it", async () => {
      const { page } = editor;
      await editor.editConfig("webhook-integration", id);
      const secret = page.locator("#node-config-input-secret");
      await page.locator("#node-config-field-generate").click();
      const first = await secret.inputValue();
      assert.match(first, /^whsec_/);
      assert.equal(Buffer.from(first.slice(6), "base64").length, 24);
      assert.equal(await secret.getAttribute("type"), "text");
      assert.equal(await page.locator("#node-config-field-generated").isVisible(), true);
      await page.locator("#node-config-field-generate").click();
      assert.notEqual(await secret.inputValue(), first);
      assert.equal(await page.locator("#node-config-input-previousSecret").inputValue(), first);
      await editor.cancel();
    });

    it("marks what is wrong while it is typed, and says why", async () => {
      const { page } = editor;
      await editor.editConfig("webhook-integration", id);
      const url = page.locator("#node-config-input-url");
      await url.fill("ftp://example.com");
      await url.press("End");
      assert.match((await url.getAttribute("class")) ?? "", /input-error/);
      await url.hover();
      await page.locator(".red-ui-popover", { hasText: "http:// or https://" }).waitFor();
      await url.fill("https://example.com");
      await url.press("End");
      assert.doesNotMatch((await url.getAttribute("class")) ?? "", /input-error/);
      await tab("Owners");
      const owner = page.locator("#node-config-field-owners .cw-entry").first();
      await owner.fill("nobody");
      assert.match((await owner.getAttribute("title")) ?? "", /mail address/);
      await editor.cancel();
    });
  });

  describe("of owner-mailer", () => {
    it("asks for a server only where mails are sent by one", async () => {
      const { page } = editor;
      await editor.editConfig("owner-mailer");
      assert.equal(await page.locator("#node-config-input-host").isVisible(), false);
      assert.equal(await page.locator("#node-config-input-folder").isVisible(), true);
      await page.locator("#node-config-input-transport").selectOption("smtp");
      assert.equal(await page.locator("#node-config-input-host").isVisible(), true);
      assert.equal(await page.locator("#node-config-input-folder").isVisible(), false);
      await editor.cancel();
    });
  });

  describe("of webhook-store", () => {
    it("says how much a number of bytes is", async () => {
      const { page } = editor;
      await editor.editConfig("webhook-store");
      const shown = page.locator("#node-config-field-maxBytes-shown");
      assert.equal(await shown.innerText(), "= 1 GiB");
      await page.locator("#node-config-input-maxBytes").fill("1572864");
      assert.equal(await shown.innerText(), "= 1.5 MiB");
      await editor.cancel();
    });

    it("gives a new store every default", async () => {
      const before = await editor.configs("webhook-store");
      await editor.editConfig("webhook-store");
      await editor.save();
      const [added] = (await editor.configs("webhook-store")).filter((id) => !before.includes(id));
      assert.ok(added);
      const saved = await editor.exported(added);
      for (const [property, value] of Object.entries({ version: 1, ...DEFAULTS["webhook-store"] })) {
        assert.deepEqual(saved[property], value, property);
      }
    });
  });

  it("says nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });
});
