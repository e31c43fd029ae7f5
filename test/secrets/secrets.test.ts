import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type http from "node:http";
import { join } from "node:path";
import RED from "node-red";
import { githubComments } from "../fixtures/github-comments";
import { EmbeddedRuntime, type FlowNode, type Message } from "../host/embedded-runtime";
import { comment, integration, node, probe, tab } from "../host/flows";
import { MailServer } from "../lib/notify/mail-server";
import { EchoingReceiver } from "./echoing-receiver";

const key = (text: string) => Buffer.from(text.padEnd(32, "!")).toString("base64");
const ed25519 = () => {
  const { d = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return Buffer.from(d, "base64url").toString("base64");
};

/** Every secret that is given to the nodes, each in its own field. */
const SECRETS = {
  standard: `whsec_${key("secret of the standard scheme")}`,
  standardBefore: `whsec_${key("secret before the rotation")}`,
  sentry: "client-secret-of-the-sentry-scheme",
  sentryBefore: "client-secret-before-the-rotation",
  asymmetric: `whsk_${ed25519()}`,
  authorization: "Bearer authorization-of-the-integration",
  customHeader: 'custom="header of the integration"',
  source: "secret-of-the-source",
  mailPassword: "password-of-the-mailer",
  encryption: "key-under-which-secrets-are-sealed",
  storeUrl: "redis://user:password-of-the-store@127.0.0.1",
  pathToken: "a1b2c3d4e5f6g7h8PathToken",
  queryToken: "a1b2c3d4e5f6g7h8QueryToken",
  given: `whsec_${key("secret given in a message")}`,
  givenBefore: "secret-given-before-the-rotation",
  givenHeader: "Basic header-given-in-a-message",
  wrongSecret: "whsec_not*base64*at-all",
  wrongHeader: "value-of-a-wrong-header",
} as const;
type Secret = keyof typeof SECRETS;

/** What stands in the URL of a webhook is a property of its node: exported with the flow, kept with what waits. */
const IN_FLOWS: readonly Secret[] = ["pathToken", "queryToken"];

/** A secret, and what it looks like when it was changed on its way. */
function guises(secret: string): string[] {
  const bare = secret.replace(/^(whsec_|whsk_|Bearer |Basic )/, "");
  const bytes = Buffer.from(bare);
  return [
    bare,
    encodeURIComponent(bare),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("hex"),
    ...(secret.startsWith("whs")
      ? [Buffer.from(bare, "base64").toString(), Buffer.from(bare, "base64").toString("hex")]
      : []),
  ];
}

/** The secrets that can be found in a text, however often it was put into JSON. */
function found(escaped: string, but: readonly Secret[] = []): string[] {
  const text = escaped.replaceAll("\\", "");
  return (Object.keys(SECRETS) as Secret[]).filter(
    (name) => !but.includes(name) && guises(SECRETS[name]).some((guise) => text.includes(guise)),
  );
}

/** As text, whatever is in a message; requests and answers of the core HTTP nodes left out. */
function textOf(value: unknown): string {
  const seen = new WeakSet<object>();
  return JSON.stringify(value, (name, item) => {
    if (name === "req" || name === "res") return undefined;
    if (typeof item === "object" && item !== null) {
      if (seen.has(item)) return undefined;
      seen.add(item);
    }
    return item instanceof Error ? `${item.name} ${item.message} ${item.stack}` : item;
  });
}

describe("secrets", () => {
  /** As text: what any node sent, the log, every status, and what is kept. */
  const messages: string[] = [];
  const log: string[] = [];
  const statuses: string[] = [];
  let flows = "";
  let files: [name: string, text: string][] = [];
  const probes: FlowNode[] = [];
  const received: http.IncomingHttpHeaders[] = [];
  let runtime: EmbeddedRuntime;
  let receiver: EchoingReceiver;
  let mailServer: MailServer;
  /** A node with a probe on each port. */
  function watched(id: string, type: string, wires: string[][], properties: Record<string, unknown> = {}): FlowNode {
    const taps = wires.map((_, port) => probe(`${id}:${port}`));
    probes.push(...taps);
    return node(
      id,
      type,
      "tab",
      wires.map((wire, port) => [...wire, `${id}:${port}`]),
      properties,
    );
  }

  const onStatus = (event: unknown) => statuses.push(textOf(event));
  const onSend = (events: { msg: Message }[]) => {
    for (const { msg } of events) messages.push(textOf(msg));
  };

  before(async () => {
    receiver = await EchoingReceiver.listen((headers) => received.push(headers));
    mailServer = new MailServer({
      onAuth: ({ password }, _session, callback) =>
        password === SECRETS.mailPassword ? callback(null, { user: "me" }) : callback(new Error("no")),
    });
    const port = await mailServer.listen();
    const handler = () => (line: unknown) => log.push(textOf(line));
    runtime = await EmbeddedRuntime.start({
      logging: { all: { level: "trace", metrics: true, audit: true, handler } },
    });
    RED.events.on("node-status", onStatus);
    RED.hooks.add("onSend.secrets", onSend);
    const url = `${receiver.url}/hooks/${SECRETS.pathToken}?token=${SECRETS.queryToken}`;
    const hooks = (id: string, properties: Record<string, unknown> = {}) =>
      integration(`at-${id}`, url.replace("/hooks/", `/hooks/${id}/`), {
        owners: ["ada@example.com"],
        retries: "none",
        ...properties,
      });
    const headers = JSON.stringify({ Authorization: SECRETS.authorization, "X-Custom": SECRETS.customHeader });
    const outcomes = [["track"], ["track"], ["track"]];
    const flow = [
      tab(),
      { id: "store", type: "webhook-store", name: "", backend: "lowdb", path: "" },
      {
        id: "mailer",
        type: "owner-mailer",
        name: "",
        transport: "smtp",
        host: "127.0.0.1",
        port,
        secure: false,
        from: "a@example.com",
      },
      hooks("fine"),
      hooks("failing"),
      hooks("sentry", { scheme: "sentry" }),
      hooks("asymmetric"),
      hooks("gone"),
      hooks("wrong-secret"),
      hooks("wrong-headers"),
      watched("verified", "comment-webhook-build", [["send"]], { source: "github" }),
      watched("build", "comment-webhook-build", [["send"]]),
      watched("given", "comment-webhook-build", [["send"]], { target: "msg" }),
      watched("send", "webhook-send", outcomes),
      watched("track", "error-tracker", [["health"], []]),
      watched("health", "integration-health-check", [[], ["notify"], ["notify"], ["notify"]], {
        rules: [
          { rule: "fatal", days: 7 },
          { rule: "consecutive", count: 2 },
        ],
        minWarning: 0,
      }),
      watched("notify", "notify-owners", [[]], { mailer: "mailer", recipients: ["always@example.com"] }),
      node("catch", "catch", "tab", [["caught"]], { scope: null, uncaught: false }),
      node("complete", "complete", "tab", [["completed"]], {
        scope: ["verified", "build", "given", "send", "track", "health", "notify"],
      }),
      node("status", "status", "tab", [["shown"]], { scope: null }),
    ];
    probes.push(...["caught", "completed", "shown"].map((id) => probe(id)));
    const both = { secret: SECRETS.standard, previousSecret: SECRETS.standardBefore, headers };
    await runtime.deploy([...flow, ...probes], {
      store: { encryptionKey: SECRETS.encryption, url: SECRETS.storeUrl },
      mailer: { user: "me", password: SECRETS.mailPassword },
      verified: { sourceSecret: SECRETS.source },
      "at-fine": both,
      "at-failing": both,
      "at-gone": both,
      "at-sentry": { secret: SECRETS.sentry, previousSecret: SECRETS.sentryBefore, headers },
      "at-asymmetric": { secret: SECRETS.asymmetric, headers },
      "at-wrong-secret": { secret: SECRETS.wrongSecret },
      "at-wrong-headers": { secret: SECRETS.sentry, headers: JSON.stringify({ "Bad Header": SECRETS.wrongHeader }) },
    });
    await run();
    const stored = await RED.runtime.flows.getFlows({});
    flows = textOf(stored) + readFileSync(join(runtime.userDir, "flows.json"), "utf8");
    files = readdirSync(join(runtime.userDir, "comment-webhooks"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), "utf8")]);
  });
  after(async () => {
    RED.events.off("node-status", onStatus);
    RED.hooks.remove("onSend.secrets");
    await runtime.stop();
    await mailServer.close();
    await receiver.close();
  });

  /** Comments that are delivered, fail, are refused; until integrations are at risk, disabled and enabled again. */
  async function run(): Promise<void> {
    const [github] = githubComments();
    const body = JSON.stringify(github?.payload);
    const signature = `sha256=${createHmac("sha256", SECRETS.source).update(body).digest("hex")}`;
    const signed = { ...github?.headers, "x-hub-signature-256": signature };
    runtime.send("verified", { payload: body, req: { headers: signed } });
    runtime.send("verified", { payload: body, req: { headers: { ...signed, "x-hub-signature-256": "sha256=00" } } });
    runtime.send("verified", { payload: body, req: { headers: github?.headers } });
    await runtime.next("caught", 2);
    const integrations = [
      {
        id: "customer",
        url: `${receiver.url}/hooks/customer`,
        allowPrivate: true,
        retries: [3600],
        secret: SECRETS.given,
        previousSecret: SECRETS.givenBefore,
        headers: { Authorization: SECRETS.givenHeader },
      },
    ];
    runtime.send("given", { payload: comment(), integrations });
    runtime.send("given", {
      payload: comment("bad"),
      integrations: [{ ...integrations[0], url: "x", secret: SECRETS.wrongSecret }],
    });
    runtime.send("given", { payload: { nothing: "right" }, integrations });
    runtime.send("given", { payload: comment("one"), integrations: integrations[0] });
    // 5 deployed and working, 1 given: 1 delivered or failed each.
    for (let round = 0; round < 2; round++) runtime.send("build", { payload: comment(round) });
    await runtime.next("send:0", 9);
    await runtime.next("send:2", 6);
    await runtime.next("health:2", 2);
    for (const id of ["at-failing", "at-gone"]) runtime.send("health", { integration: id, topic: "enable", by: "Ada" });
    await runtime.next("health:3", 2);
    for (let mails = 0; mails < 3; mails++) await runtime.nextOne("notify:0");
    for (const id of ["at-fine", "at-failing"]) runtime.send("send", { integration: id, topic: "test" });
    await runtime.nextOne("send:0");
    await runtime.nextOne("send:2");
  }

  it("reach receivers, which say all that they got", () => {
    const sent = textOf(received);
    for (const header of ["authorization", "customHeader", "givenHeader"] as const) {
      assert.ok(sent.includes(JSON.stringify(SECRETS[header])), header);
    }
  });

  it("are in no message on any port, for Catch, Complete or Status nodes either", () => {
    for (const kind of ["responseBody", '"error"', "status", "notification", "sealedSecrets", "complete"]) {
      assert.ok(
        messages.some((message) => message.includes(kind)),
        kind,
      );
    }
    for (const message of messages) assert.deepEqual(found(message), [], message);
  });

  it("are in no line of the log", () => {
    assert.ok(log.some((line) => line.includes("wrong-secret") || line.includes("webhook-integration.secret")));
    for (const line of log) assert.deepEqual(found(line), [], line);
  });

  it("are in no status", () => {
    assert.ok(statuses.length > 5);
    for (const status of statuses) assert.deepEqual(found(status), [], status);
  });

  it("are in no mail", () => {
    assert.ok(mailServer.received.some(({ mail }) => mail.text?.includes("HTTP 500") || mail.text?.includes("500")));
    for (const { raw, mail } of mailServer.received) assert.deepEqual(found(`${raw} ${mail.text} ${mail.html}`), []);
  });

  it("are in no exported flow", () => {
    assert.ok(flows.includes("webhook-integration"));
    assert.deepEqual(found(flows, IN_FLOWS), []);
  });

  it("are in no file of the store, where those given in a message lie sealed", () => {
    assert.ok(files.some(([, text]) => text.includes("sealedSecrets")));
    for (const [name, text] of files) assert.deepEqual(found(text), [], name);
  });
});
