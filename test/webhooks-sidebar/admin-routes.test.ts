import assert from "node:assert/strict";
import { EmbeddedRuntime, type FlowNode } from "../host/embedded-runtime";
import { comment, integration, node, probe, SECRET, tab } from "../host/flows";
import { Receiver } from "../host/receiver";

describe("the admin routes", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;

  const flow = (): FlowNode[] => [
    tab(),
    integration("hooks", receiver.url, { retries: "none", ordered: false }),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["track"], ["track"], ["track"]]),
    node("track", "error-tracker", "tab", [["health"], []]),
    node("health", "integration-health-check", "tab", [["out"], ["out"], ["off"], ["on"]], {
      rules: [{ rule: "consecutive", count: 2 }],
      warnAt: 1,
      minWarning: 0,
    }),
    ...["out", "off", "on"].map((id) => probe(id)),
  ];
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${runtime.url}/admin/comment-webhooks/integrations/${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: { "content-type": "application/json", ...headers },
    });
    const answer: unknown = await response.json();
    assert.ok(typeof answer === "object" && answer !== null);
    return { status: response.status, ...answer } as Record<string, unknown> & { status: number };
  };

  before(async () => {
    runtime = await EmbeddedRuntime.start();
    receiver = await Receiver.listen();
    await runtime.deploy(flow(), { hooks: { secret: SECRET } });
  });
  after(async () => {
    await runtime.stop();
    await receiver.close();
  });

  it("send a test and tell what was sent and answered, without counting it", async () => {
    const { status, kind, outcome, statusCode, requestHeaders } = await ask("hooks/test", {});
    assert.deepEqual([status, kind, outcome, statusCode], [200, "test", "success", 200]);
    assert.ok(typeof requestHeaders === "object" && requestHeaders !== null && "webhook-id" in requestHeaders);
    assert.equal(JSON.stringify(requestHeaders).includes("v1,"), false, "no signature is shown");
    const { health } = await ask("hooks");
    assert.deepEqual((health as { days: unknown[] }).days, []);
  });

  it("disable an integration on which no node ever decided, and the flow is told all the same", async () => {
    await ask("hooks/disable", {});
    const told = (await runtime.nextOne("off")) as { integration?: string };
    assert.equal(told.integration, "hooks");
    await ask("hooks/enable", {});
    await runtime.nextOne("on");
  });

  it("disable and enable; the node that looks after the integration tells the flow", async () => {
    // Two failures, so that a health check has decided on it and is the one to tell.
    receiver.answerWith(500);
    for (const _ of [1, 2]) runtime.send("build", { payload: comment() });
    await runtime.nextOne("off");
    receiver.answerWith(200);
    const enabled = await ask("hooks/enable", {});
    assert.equal((enabled.change as { to: string; cause: string }).to, "active");
    const told = (await runtime.nextOne("on")) as { health?: { change?: { cause: string; by: string } } };
    assert.deepEqual([told.health?.change?.cause, told.health?.change?.by], ["person", "a person in the editor"]);
    assert.equal((await ask("hooks/enable", {})).change, null, "it was already so");
    const { audit } = await ask("hooks");
    assert.equal((audit as { action: string }[])[0]?.action, "enabled");
  });

  it("test a disabled integration and enable it only if it answers well", async () => {
    await ask("hooks/disable", {});
    receiver.answerWith(500);
    const failed = await ask("hooks/test-and-enable", {});
    assert.equal(failed.change, null);
    assert.equal(((await ask("hooks")).health as { status: string }).status, "disabled");
    receiver.answerWith(200);
    const { change } = await ask("hooks/test-and-enable", {});
    assert.equal((change as { to: string }).to, "active");
  });

  it("preview rules against what was counted", async () => {
    const settings = { rules: [{ rule: "consecutive", count: 2 }], counting: "all", warnAt: 0.5, minWarning: 0 };
    const { changes } = await ask("hooks/preview-rules", settings);
    assert.deepEqual(
      (changes as { to: string }[]).map(({ to }) => to),
      ["at-risk", "disabled"],
    );
  });

  it("say what is wrong", async () => {
    const wrong = await ask("hooks/preview-rules", {
      rules: [{ rule: "consecutive", count: -1 }],
      warnAt: 1,
      minWarning: 0,
    });
    assert.equal(wrong.status, 400);
    assert.match(String(wrong.error), /rules\[0\]\.count is -1/);
    const unknown = await ask("nobody/test", {});
    assert.equal(unknown.status, 404);
    assert.match(String(unknown.error), /there is no integration "nobody"/);
  });

  it("take no order that a foreign page could make a browser send", async () => {
    const { status } = await ask("hooks/disable", {}, { "content-type": "text/plain" });
    assert.equal(status, 415);
    assert.equal(((await ask("hooks")).health as { status: string }).status, "active");
  });
});
