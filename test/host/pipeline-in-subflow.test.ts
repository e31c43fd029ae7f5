// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Node-RED refers to environment variables
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EmbeddedRuntime, type FlowNode, type Message } from "./embedded-runtime";
import { comment, errorIn, node, probe, tab } from "./flows";
import { Receiver } from "./receiver";

const SECRETS = {
  secret: `whsec_${Buffer.from("the first secret to look for....").toString("base64")}`,
  previousSecret: "the previous secret to look for",
  header: "Bearer header-to-look-for",
  sourceSecret: "source-secret-to-look-for",
  encryptionKey: "encryption-key-to-look-for",
  given: "given-secret-to-look-for",
  token: "xoxb1234567890TokenToLookFor",
};

const OUTPUTS = ["told", "caught", "seen", "ended"];

/** The whole pipeline as a subflow: two outputs, what the health check and the notifier say, and what was caught. */
function pipelineSubflow(): FlowNode[] {
  const inner = (id: string, type: string, wires: string[][], properties: Record<string, unknown> = {}) =>
    node(id, type, "sub", wires, properties);
  return [
    {
      ...{ id: "sub", type: "subflow", name: "Comment webhooks" },
      in: [{ x: 1, y: 1, wires: [{ id: "build" }] }],
      out: ["notify", "caught", "seen", "ended"].map((id) => ({ x: 1, y: 1, wires: [{ id, port: 0 }] })),
      env: [{ name: "URL", type: "str", value: "" }],
    },
    {
      ...{ id: "hooks", type: "webhook-integration", z: "sub", name: "Hooks", url: "${URL}?token=" + SECRETS.token },
      ...{ allowPrivate: true, retries: "none", owners: ["ada@example.com"], ordered: false },
    },
    inner("build", "comment-webhook-build", [["send"]]),
    inner("send", "webhook-send", [["track"], ["track"], ["track"]]),
    inner("track", "error-tracker", [["health"], []]),
    inner("health", "integration-health-check", [[], ["notify"], ["notify"], ["notify"]], {
      ...{ rules: [{ rule: "consecutive", count: 2 }], warnAt: 0.5, minWarning: 0 },
    }),
    inner("notify", "notify-owners", [[]], { mailer: "mailer" }),
    inner("caught", "catch", [[]], { scope: null }),
    inner("seen", "status", [[]], { scope: ["health"] }),
    inner("ended", "complete", [[]], { scope: ["build", "send", "track", "health", "notify"] }),
  ];
}

describe("the pipeline in a subflow", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;

  const credentials = {
    hooks: {
      ...{ secret: SECRETS.secret, previousSecret: SECRETS.previousSecret },
      headers: JSON.stringify({ Authorization: SECRETS.header }),
    },
    given: { sourceSecret: SECRETS.sourceSecret },
    store: { encryptionKey: SECRETS.encryptionKey },
  };
  const instance = (id: string, path: string) =>
    node(
      id,
      "subflow:sub",
      "tab",
      OUTPUTS.map((name) => [`out-${id}-${name}`]),
      {
        env: [{ name: "URL", type: "str", value: `http://127.0.0.1:${receiver.port}/${path}` }],
      },
    );
  const probes = (id: string) => OUTPUTS.map((name) => probe(`out-${id}-${name}`));
  const nodes = () => [
    tab(),
    { id: "store", type: "webhook-store", name: "Store", path: "" },
    { id: "mailer", type: "owner-mailer", name: "Mail", transport: "folder" },
    ...pipelineSubflow(),
    ...[instance("one", "first"), ...probes("one"), instance("two", "second"), ...probes("two")],
    node("given", "comment-webhook-build", "tab", [["given-send"]], { target: "msg" }),
    node("given-send", "webhook-send", "tab", [["sent"], ["sent"], ["sent"]]),
    node("refused", "catch", "tab", [["refusals"]], { scope: ["given", "given-send"] }),
    ...[probe("sent"), probe("refusals")],
  ];
  const kindsIn = (messages: Message[]) => messages.map(({ notification }) => (notification as { kind: string }).kind);
  const sourcesOf = (messages: Message[]) =>
    messages.map(({ complete }) => (complete as { source: { type: string } }).source.type);

  before(async () => {
    runtime = await EmbeddedRuntime.start();
    receiver = await Receiver.listen();
    await runtime.deploy(nodes(), credentials);
  });
  after(async () => {
    await runtime.stop();
    await receiver.close();
  });

  it("keeps two instances apart: one is disabled and its owners are told, the other goes on", async () => {
    receiver.answerWith(500, `${SECRETS.header} comes back`);
    for (const kind of ["at-risk", "disabled"]) {
      runtime.send("one", { payload: comment() });
      assert.deepEqual(kindsIn(await runtime.next("out-one-told")), [kind]);
      assert.equal((await receiver.next()).path, `/first?token=${SECRETS.token}`);
    }
    receiver.answerWith(200);
    runtime.send("two", { payload: comment() });
    const ended = sourcesOf(await runtime.next("out-two-ended", 4));
    assert.deepEqual(ended.sort(), [
      "comment-webhook-build",
      "error-tracker",
      "integration-health-check",
      "webhook-send",
    ]);
    assert.equal((await receiver.next()).path, `/second?token=${SECRETS.token}`);
    assert.deepEqual(runtime.arrived("out-two-told"), []);
  });

  it("lets Complete, Status and Catch nodes around ours hear of it", async () => {
    assert.ok(sourcesOf(runtime.arrived("out-one-ended")).includes("notify-owners"));
    for (let seen = ""; seen !== "Hooks is disabled"; ) {
      const { status } = (await runtime.nextOne("out-one-seen")) as { status: { text: string } };
      seen = status.text;
    }
    runtime.send("one", { payload: { action: "liked" } });
    assert.match(errorIn(await runtime.nextOne("out-one-caught")), /msg\.payload is \{"action":"liked"\}/);
  });

  it("shows no secret in messages, statuses, the log, errors, mails, flows or the store", async () => {
    const given = { id: "customer", url: receiver.url, allowPrivate: true, secret: SECRETS.given };
    const signed = { headers: { "x-gitlab-token": "wrong" } };
    runtime.send("given", { payload: JSON.stringify(comment()), integrations: [given], req: signed });
    assert.match(errorIn(await runtime.nextOne("refusals")), /X-Gitlab-Token/i);
    await runtime.deploy(nodes(), { ...credentials, given: { sourceSecret: "" } });
    runtime.send("given", { payload: comment(), integrations: [{ ...given, timeout: "soon" }] });
    assert.match(errorIn(await runtime.nextOne("refusals")), /msg\.integrations\[0\]\.timeout/);
    runtime.send("given", { payload: comment(), integrations: [given] });
    const sent = await runtime.nextOne("sent");
    runtime.send("one", { integration: "nobody", secret: "not ours" });
    await runtime.nextOne("out-one-caught");

    const files = (folder: string): string =>
      readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
        .join("\n");
    const messages = OUTPUTS.flatMap((name) => ["one", "two"].flatMap((id) => runtime.arrived(`out-${id}-${name}`)));
    const shown = {
      messages: JSON.stringify([...messages, sent, ...runtime.arrived("refusals")]),
      statuses: JSON.stringify([...runtime.statuses]),
      log: runtime.log.join("\n"),
      mails: files(join(runtime.userDir, "owner-mail")),
      store: files(join(runtime.userDir, "comment-webhooks")),
      credentials: readFileSync(join(runtime.userDir, "flows_cred.json"), "utf8"),
    };
    const { token, header, ...keys } = SECRETS;
    for (const [where, text] of Object.entries(shown)) {
      for (const [name, secret] of Object.entries(keys)) {
        const raw = secret.replace(/^whsec_/, "");
        assert.equal(text.includes(raw), false, `${name} is in ${where}`);
      }
      assert.equal(text.includes(token), false, `the URL's token is in ${where}`);
    }
    const flows = readFileSync(join(runtime.userDir, "flows.json"), "utf8");
    for (const [name, secret] of Object.entries({ ...keys, header })) {
      assert.equal(flows.includes(secret), false, `${name} is in the flows`);
    }
    // The receiver sent it back, so it stands in its answer; what we sent is redacted.
    assert.equal(shown.log.includes(header), false);
  });
});
