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
    probe: 3,
    probeEvery: 0.5,
  },
  {
    id: "full-notify-owners",
    type: "notify-owners",
    name: "Notify",
    mailer: "full-owner-mailer",
    recipients: ["ann@example.com", fromEnv("ON_CALL")],
    kinds: ["disabled"],
    baseUrl: "https://nodered.example.com/",
    templates: { "at-risk": { subject: "{{names}}" }, disabled: { text: "{{{why}}}", html: "<p>{{why}}</p>" } },
    digestDelay: 60,
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

  it("say nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });
});
