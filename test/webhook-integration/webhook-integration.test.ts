// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Node-RED refers to environment variables
import assert from "node:assert/strict";
import type { EmbeddedRuntime, FlowNode, Message } from "../host/embedded-runtime";
import { comment, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";

describe("webhook-integration", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;

  useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });

  const flow = (...others: FlowNode[]) => [
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["delivered"], ["retrying"], ["given-up"]]),
    ...["delivered", "retrying", "given-up"].map((id) => probe(id)),
    ...others,
  ];
  const env = (values: Record<string, string>, type = "str") =>
    Object.entries(values).map(([name, value]) => ({ name, value, type }));

  /** Every property as a variable, as a flow author may enter it, with the value that the flow gives it. */
  const EVERY: Record<string, string> = {
    slug: "from-env",
    organization: "acme",
    installation: "7a485448-a9e2-4c85-8a3c-4f44175783c9",
    events: '["comment.created"]',
    projects: "shop,blog",
    owners: "a@example.com, b@example.com",
    scheme: "sentry",
    timeout: "2500",
    retries: "[60, 120]",
    ordered: "false",
    concurrency: "2",
    rate: "10",
    whenDisabled: "drop",
    holdDays: "3",
    holdLimit: "5",
    maxAge: "48",
    allowPrivate: "true",
    tls: "",
    proxy: "",
    store: "",
  };
  const references = Object.fromEntries(Object.keys(EVERY).map((name) => [name, `\${V_${name}}`]));

  it("takes every property from environment variables, which are texts", async () => {
    const values = Object.fromEntries(Object.entries(EVERY).map(([name, value]) => [`V_${name}`, value]));
    const flowEnv = env({ ...values, PORT: String(receiver.port), PATH_PART: "in", KEY: "plain secret" });
    const own = integration("env", "http://127.0.0.1:${PORT}/${PATH_PART}?a=1", { ...references, z: "tab" });
    await runtime.deploy([tab("tab", { env: flowEnv }), ...flow(own)], { env: { secret: "${KEY}" } });
    assert.deepEqual(
      runtime.log.filter((line) => line.includes("expected")),
      [],
    );
    receiver.answerWith(500);
    runtime.send("build", { payload: comment() });
    const request = await receiver.next();
    assert.equal(request.path, "/in?a=1");
    assert.equal(request.headers["sentry-hook-resource"], "comment");
    assert.equal(JSON.parse(request.body).installation.uuid, EVERY.installation);
    const { delivery } = (await runtime.nextOne("retrying")) as { delivery: { maxAttempts: number } };
    assert.equal(delivery.maxAttempts, 3);
    receiver.reset();
    runtime.send("send", { integration: "from-env", topic: "test" });
    assert.ok((await receiver.next()).headers["sentry-hook-signature"]);
  });

  it("is not used when false comes as a text: private addresses stay blocked", async () => {
    const own = integration("env", receiver.url, { allowPrivate: "${ALLOW}", z: "tab" });
    await runtime.deploy([tab("tab", { env: env({ ALLOW: "false" }) }), ...flow(own)], { env: { secret: SECRET } });
    runtime.send("build", { payload: comment(2) });
    const { delivery } = (await runtime.nextOne("retrying")) as { delivery: { reason: string } };
    assert.equal(delivery.reason, "blocked-address");
    assert.deepEqual(receiver.requests, []);
  });

  it("names each variable that is not set, keeps the secret one hidden, and is not deployed", async () => {
    const own = integration("unset", "http://${NO_HOST}/", { ...references, id: "unset" });
    await runtime.deploy([tab(), ...flow(own)], { unset: { secret: "${NO_SECRET}" } });
    const problem = runtime.log.find((line) => line.includes("webhook-integration.url"));
    assert.ok(problem);
    assert.match(problem, /NO_HOST/);
    for (const name of Object.keys(EVERY)) assert.ok(problem.includes(`V_${name}`), `${name} in ${problem}`);
    runtime.send("build", { payload: comment() });
    await runtime.status("build", ({ fill }) => fill === "grey");

    runtime.forget();
    await runtime.deploy([tab(), ...flow(integration("unset", "http://example.com/"))], {
      unset: { secret: "${NO_SECRET}" },
    });
    assert.ok(runtime.log.some((line) => /webhook-integration\.secret is \(hidden\).*NO_SECRET/.test(line)));
  });

  it("takes variables of a group of subflow instances: each instance has its own", async () => {
    const subflow = (): FlowNode[] => [
      {
        ...{ id: "sub", type: "subflow", name: "Pipeline", in: [{ x: 1, y: 1, wires: [{ id: "sub-build" }] }] },
        out: [{ x: 1, y: 1, wires: [{ id: "sub-send", port: 0 }] }],
        env: env({ WHERE: "nowhere" }),
      },
      integration("sub-hooks", "http://127.0.0.1:${PORT}/${WHERE}", { z: "sub" }),
      node("sub-build", "comment-webhook-build", "sub", [["sub-send"]]),
      node("sub-send", "webhook-send", "sub", [[], [], []]),
    ];
    const instance = (id: string, where: string) =>
      node(id, "subflow:sub", "tab", [[`${id}-out`]], { env: env({ WHERE: where }) });
    const nodes = [
      tab("tab", { env: env({ PORT: String(receiver.port) }) }),
      ...subflow(),
      ...[instance("one", "first"), instance("two", "second"), probe("one-out"), probe("two-out")],
    ];
    const webhookOf = (message: Message) => message.webhook as { integration: string };
    await runtime.deploy(nodes, { "sub-hooks": { secret: SECRET } });
    runtime.send("one", { payload: comment() });
    const first = await runtime.nextOne("one-out");
    runtime.send("two", { payload: comment() });
    const second = await runtime.nextOne("two-out");
    assert.deepEqual([(await receiver.next()).path, (await receiver.next()).path], ["/first", "/second"]);
    assert.deepEqual([webhookOf(first).integration, webhookOf(second).integration], ["one-sub-hooks", "two-sub-hooks"]);

    // The id names the state, so it must be the same after the next start.
    await runtime.deploy(nodes, { "sub-hooks": { secret: SECRET } });
    runtime.send("one", { payload: comment(2) });
    assert.equal(webhookOf(await runtime.nextOne("one-out")).integration, "one-sub-hooks");
    assert.deepEqual(runtime.arrived("two-out"), []);
  });

  it("is not deployed without the tls-config, proxy or store node that it names", async () => {
    for (const property of ["tls", "proxy", "store"]) {
      runtime.forget();
      await runtime.deploy([tab(), ...flow(integration("lost", receiver.url, { [property]: "gone" }))]);
      assert.ok(
        runtime.log.some((line) => line.includes(`${property} is "gone"`)),
        `${property}: ${runtime.log.join("\n")}`,
      );
    }
  });

  it("is used with a tls-config node that holds certificates in its credentials", async () => {
    const tls = { id: "tls", type: "tls-config", name: "", cert: "", key: "", ca: "", verifyservercert: true };
    const secure = integration("secure", `https://127.0.0.1:${receiver.port}/`, { tls: "tls", retries: "none" });
    await runtime.deploy([tab(), tls, ...flow(secure)], { secure: { secret: SECRET } });
    runtime.send("build", { payload: comment() });
    const { delivery } = (await runtime.nextOne("given-up")) as { delivery: { reason: string } };
    assert.equal(delivery.reason, "tls");
  });
});
