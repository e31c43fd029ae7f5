import assert from "node:assert/strict";
import { CONFIG_TYPES, CREDENTIALS, DEFAULTS, flowOf, fromEnv, TYPES } from "./node-types";
import { useEditor } from "./use-editor";

const HOSTILE = `"><img src=x onerror="window.hacked=true"><script>window.hacked=true</script>`;

/** Nodes with nothing in them, as someone may write them by hand. */
const bare = TYPES.map((type) => ({ id: `bare-${type}`, type }));

/** As many properties as possible other than by default. */
const full = [
  {
    id: "full-comment-webhook-build",
    type: "comment-webhook-build",
    name: "Build",
    target: "one",
    integration: "full-webhook-integration",
    organization: "acme",
    source: "custom",
    mapping: '{ "action": "created" }',
  },
  { id: "full-webhook-send", type: "webhook-send", name: "Send", carry: ["ticket", "req"] },
  { id: "full-error-tracker", type: "error-tracker", name: "Track" },
  {
    id: "full-integration-health-check",
    type: "integration-health-check",
    name: "Check",
    rules: [
      { rule: "failure-rate", percent: 95, attempts: 200, minutes: 60 },
      { rule: "failing-for", hours: 12, attempts: 3, span: 6, apart: 3 },
      { rule: "timeouts-per-day", count: 10, percent: 0 },
      { rule: "consecutive", count: 4 },
    ],
    counting: "all",
    warnAt: 0.333,
    minWarning: 0,
    mode: "dry-run",
  },
  {
    id: "full-notify-owners",
    type: "notify-owners",
    name: "Notify",
    mailer: "full-owner-mailer",
    recipients: ["ann@example.com", fromEnv("ON_CALL")],
    kinds: ["disabled"],
    baseUrl: "https://nodered.example.com/",
  },
  {
    id: "full-webhook-integration",
    type: "webhook-integration",
    name: "Acme chat",
    slug: "acme-chat",
    organization: "acme",
    installation: "7a485448-a9e2-4c85-8a3c-4f44175783c9",
    url: `https://${fromEnv("HOST")}/hooks?token=1`,
    events: ["comment.deleted"],
    projects: ["backend", "web"],
    owners: ["owner@example.com"],
    scheme: "sentry",
    timeout: 5000,
    retries: [5, 0.5, 300],
    ordered: false,
    concurrency: 1,
    rate: 2.5,
    whenDisabled: "drop",
    holdDays: 0.5,
    holdLimit: 10,
    maxAge: 12,
    allowPrivate: true,
    tls: "",
    proxy: "",
    store: "full-webhook-store",
  },
  {
    id: "full-webhook-store",
    type: "webhook-store",
    name: "Store",
    backend: "lowdb",
    path: "elsewhere",
    logSize: 0,
    keepDelivered: 0,
    retentionDays: 1.5,
    maxBytes: 2 ** 20,
    sync: "power",
  },
  {
    id: "full-owner-mailer",
    type: "owner-mailer",
    name: "Mailer",
    transport: "smtp",
    host: "smtp.example.com",
    port: 2525,
    secure: true,
    from: "Webhooks <webhooks@example.com>",
    folder: "mails",
    tls: "",
  },
].map((node) => ({ ...node, version: 1 }));

/** Every property from an environment variable that can be. */
const fromEnvironment = TYPES.map((type) => {
  const references = Object.keys(DEFAULTS[type] ?? {})
    .filter((property) => !["name", "integration", "mailer", "tls", "proxy", "store"].includes(property))
    .map((property) => [property, fromEnv(property.toUpperCase())]);
  return { id: `env-${type}`, type, version: 1, ...DEFAULTS[type], ...Object.fromEntries(references) };
});

/** Markup wherever text can stand. */
const hostile = TYPES.map((type) => {
  const texts = Object.entries(DEFAULTS[type] ?? {}).map(([property, value]) => {
    if (Array.isArray(value)) return [property, property === "rules" ? [{ rule: HOSTILE }] : [HOSTILE]];
    return [property, typeof value === "string" && !["integration", "store"].includes(property) ? HOSTILE : value];
  });
  return { id: `hostile-${type}`, type, version: 1, ...Object.fromEntries(texts) };
});

describe("the dialogs", function () {
  // Opening and closing one takes the better part of a second, and some tests open all of them.
  this.timeout(90_000);
  const editor = useEditor(flowOf([...bare, ...full, ...fromEnvironment, ...hostile]));

  const open = (id: string, type: string) =>
    CONFIG_TYPES.includes(type) ? editor.editConfig(type, id) : editor.edit(id);

  it("label every control, in words and not by a key of the catalogue", async () => {
    const key = new RegExp(`\\b(?:${TYPES.join("|")}|dialog)\\.[a-z]+[.\\w-]*`);
    for (const { id, type } of full) {
      await open(id, type);
      const texts = await editor.page.locator(".red-ui-tray").evaluate((tray) => {
        const attributes = ["placeholder", "title", "aria-label"];
        const found = [tray.textContent ?? ""];
        for (const element of tray.querySelectorAll("*")) {
          for (const name of attributes) found.push(element.getAttribute(name) ?? "");
        }
        return found;
      });
      for (const text of texts) assert.doesNotMatch(text, key, type);
      const unlabelled = await editor.page
        .locator("#dialog-form .form-row, #node-config-dialog-edit-form .form-row")
        .evaluateAll(
          (rows) =>
            rows.filter((row) => row.querySelector("label") === null && row.querySelector("input[id], select[id]"))
              .length,
        );
      assert.equal(unlabelled, 0, type);
      await editor.cancel();
    }
  });

  it("keep every value when saved without a change, and call the node unchanged", async () => {
    for (const { id, type } of [...full, ...fromEnvironment]) {
      const before = await editor.exported(id);
      await open(id, type);
      await editor.save();
      // Node-RED itself adds empty credentials.
      const { credentials: _, ...after } = await editor.exported(id);
      assert.deepEqual(after, before, id);
      // And it calls a node changed whose credentials were never deployed.
      if (!(type in CREDENTIALS)) assert.equal((await editor.state(id)).changed, false, id);
    }
  });

  it("fill in what an older or hand-written node does not have", async () => {
    for (const { id, type } of bare) {
      await open(id, type);
      await editor.save();
      const saved = await editor.exported(id);
      for (const [property, value] of Object.entries({ version: 1, ...DEFAULTS[type] })) {
        assert.deepEqual(saved[property], value, `${type}.${property}`);
      }
    }
  });

  it("leave a node as it is when cancelled", async () => {
    await editor.edit("full-webhook-send");
    const before = await editor.exported("full-webhook-send");
    await editor.page.locator("#node-input-name").fill("Another");
    await editor.page.locator("#dialog-form .cw-entry").first().fill("another");
    await editor.cancel();
    assert.deepEqual(await editor.exported("full-webhook-send"), before);
  });

  it("keep the version of a node that a later version of the package made", async () => {
    const later = { ...full[2], id: "later", version: 7 };
    await editor.page.evaluate(
      (node) => {
        const { RED } = globalThis as unknown as { RED: { nodes: { import(nodes: object[]): void } } };
        RED.nodes.import([node]);
      },
      { ...later, z: "flow", x: 500, y: 60, wires: [[], []] },
    );
    await editor.edit("later");
    await editor.page.locator("#node-input-name").fill("Later");
    await editor.save();
    const { name, version } = await editor.exported("later");
    assert.deepEqual({ name, version }, { name: "Later", version: 7 });
  });

  it("do not run markup that stands in any field", async () => {
    for (const { id, type } of hostile) {
      await open(id, type);
      await editor.page.locator(".red-ui-tray").hover();
      await editor.cancel();
    }
    const hacked = await editor.page.evaluate(() => "hacked" in globalThis);
    assert.equal(hacked, false);
  });

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

  it("say nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });
});
