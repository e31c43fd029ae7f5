import assert from "node:assert/strict";
import { EmbeddedRuntime, type FlowNode } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import { Receiver } from "../host/receiver";
import { MailServer, recipientsOf } from "../lib/notify/mail-server";

interface Notified {
  notification: { kind: string; items: unknown[]; recipients: { accepted: boolean }[] };
}

const INTEGRATIONS = 30;
const OWNERS = ["ada@example.com", "grace@example.com"];
const hooks = Array.from({ length: INTEGRATIONS }, (_, index) => `hooks-${index}`);

describe("notify-owners over SMTP", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  let mails: MailServer;
  let port: number;

  const flow = (notify: Record<string, unknown>): FlowNode[] => [
    tab(),
    ...hooks.map((id) => integration(id, receiver.url, { owners: OWNERS, retries: "none" })),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["track"], ["track"], ["track"]]),
    node("track", "error-tracker", "tab", [["health"], []]),
    node("health", "integration-health-check", "tab", [[], [], ["notify"], ["notify"]], {
      ...{ rules: [{ rule: "consecutive", count: 1 }], warnAt: 1, minWarning: 0 },
    }),
    node("notify", "notify-owners", "tab", [["told"]], { mailer: "mailer", ...notify }),
    probe("told"),
    {
      ...{ id: "mailer", type: "owner-mailer", transport: "smtp", host: "127.0.0.1", port: `${port}` },
      from: "hooks@example.com",
    },
    ...caught(),
  ];
  const credentials = Object.fromEntries(hooks.map((id) => [id, { secret: SECRET }]));

  before(async () => {
    runtime = await EmbeddedRuntime.start();
    receiver = await Receiver.listen();
    mails = new MailServer();
    port = await mails.listen();
  });
  after(async () => {
    await runtime.stop();
    await receiver.close();
    await mails.close();
  });

  it("makes one mail for each owner of 30 integrations that fail together, in the words of the node's templates", async () => {
    const templates = { disabled: { subject: "{{count}} off", text: "{{#integrations}}{{name}};{{/integrations}}" } };
    await runtime.deploy(flow({ digestDelay: "3", templates }), credentials);
    const letGo = receiver.hold();
    runtime.send("build", { payload: comment() });
    for (const _ of hooks) await receiver.next();
    letGo(500);
    const { notification } = (await runtime.nextOne("told")) as unknown as Notified;
    assert.equal(notification.items.length, INTEGRATIONS);
    assert.deepEqual(
      notification.recipients.map(({ accepted }) => accepted),
      [true, true],
    );
    assert.deepEqual(recipientsOf(mails), OWNERS);
    for (const { mail } of mails.received) {
      assert.equal(mail.subject, `${INTEGRATIONS} off`);
      assert.equal(mail.text?.includes("The hooks-0;"), true);
      assert.match(String(mail.html), /integrations have been switched off/);
    }
    assert.deepEqual(runtime.arrived("told"), []);
  });

  it("tells at once without a delay, and adds the owners in the message", async () => {
    mails.received.length = 0;
    await runtime.deploy(flow({}), credentials);
    runtime.send("health", { integration: "hooks-0", topic: "enable", owners: ["bob@example.com", "ADA@example.com"] });
    const { notification } = (await runtime.nextOne("told")) as unknown as Notified;
    assert.deepEqual([notification.kind, notification.items.length], ["active", 1]);
    assert.deepEqual(recipientsOf(mails), ["ada@example.com", "bob@example.com", "grace@example.com"]);
  });

  it("names templates and delays that are wrong", async () => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ templates: { disabled: { html: "{{{why}}}" } } }, /notify-owners\.templates\["disabled"\]\.html/],
      [{ templates: "{" }, /notify-owners\.templates is "\{"/],
      [{ digestDelay: "a while" }, /notify-owners\.digestDelay is "a while".*seconds/],
    ];
    for (const [properties, expected] of cases) {
      runtime.forget();
      await runtime.deploy(flow(properties), credentials);
      runtime.send("notify", {});
      assert.match(errorIn(await runtime.nextOne("caught")), expected);
    }
  });

  it("takes templates and the delay from environment variables", async () => {
    mails.received.length = 0;
    const env = { TEMPLATES: '{"disabled":{"subject":"from the environment"}}', DELAY: "0.05" };
    const list = Object.entries(env).map(([name, value]) => ({ name, value, type: "str" }));
    const [, ...rest] = flow({ templates: `\${TEMPLATES}`, digestDelay: `\${DELAY}` });
    await runtime.deploy([tab("tab", { env: list }), ...rest], credentials);
    runtime.send("health", { integration: "hooks-0", topic: "disable" });
    await runtime.nextOne("told");
    assert.deepEqual(
      mails.received.map(({ mail }) => mail.subject),
      ["from the environment", "from the environment"],
    );
  });
});
