import assert from "node:assert/strict";
import type { EmbeddedRuntime, Message } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";

interface Tracked {
  health: { status: string; days: Record<string, unknown>[]; verdict: null; change: null };
  delivery: { attemptId: string; outcome: string; reason: string; kind: string; generation: number };
  integration?: string;
}

const trackedOf = (message: Message) => message as unknown as Tracked;
const today = () => new Date().toISOString().slice(0, 10);

describe("error-tracker", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  let hooks = "";
  let tests = 0;

  const flow = (properties: Record<string, unknown> = {}) => [
    tab(),
    integration(hooks, receiver.url, { slug: `${hooks}-slug`, retries: [60], ...properties }),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["track"], ["track"], ["track"]]),
    node("track", "error-tracker", "tab", [["tracked"], ["new"]]),
    ...[probe("tracked"), probe("new")],
    ...caught(),
  ];
  const credentials = () => ({ [hooks]: { secret: SECRET } });

  useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });
  beforeEach(() => {
    hooks = `hooks-${++tests}`;
  });

  it("attaches the counts of the day and tells a new kind of failure once", async () => {
    receiver.answerWith(500);
    await runtime.deploy(flow({ ordered: false }), credentials());
    for (const id of [1, 2]) runtime.send("build", { payload: comment(id) });
    const [, last] = (await runtime.next("tracked", 2)).map(trackedOf);
    assert.equal(last?.health.status, "active");
    assert.deepEqual(last?.health.days, [{ date: today(), success: 0, error: 2, timeout: 0, fatal: 0 }]);
    assert.equal(runtime.arrived("new").length, 1);
    assert.equal(trackedOf(await runtime.nextOne("new")).delivery.reason, "http-500");
    const { text } = await runtime.status("track", ({ fill }) => fill === "yellow");
    assert.match(String(text), new RegExp(`^new: http-500 from The ${hooks} · \\d\\d:\\d\\d$`));

    receiver.answerWith(404);
    runtime.send("build", { payload: comment(3) });
    assert.equal(trackedOf(await runtime.nextOne("new")).delivery.reason, "http-404");
  });

  it("does not count a test", async () => {
    await runtime.deploy(flow(), credentials());
    runtime.send("send", { integration: hooks, topic: "test" });
    assert.deepEqual(trackedOf(await runtime.nextOne("tracked")).health.days, []);
  });

  it("counts the answers of the core http request node, once each", async () => {
    const request = node("request", "http request", "tab", [["name"]], {
      ...{ method: "GET", ret: "txt", paytoqs: "ignore", url: receiver.url, tls: "", persist: false, proxy: "" },
      ...{ insecureHTTPParser: false, authType: "", senderr: false, headers: [] },
    });
    const name = node("name", "change", "tab", [["track"]], {
      rules: [{ t: "set", p: "integration", pt: "msg", to: `${hooks}-slug`, tot: "str" }],
    });
    await runtime.deploy([...flow(), request, name], credentials());
    runtime.send("request", {});
    const success = trackedOf(await runtime.nextOne("tracked"));
    assert.equal(success.delivery.outcome, "success");
    assert.equal(success.integration, hooks);
    receiver.answerWith(503, "busy");
    runtime.send("request", {});
    const failure = trackedOf(await runtime.nextOne("tracked"));
    assert.deepEqual([failure.delivery.outcome, failure.delivery.reason], ["error", "http-503"]);
    assert.deepEqual(failure.health.days, [{ date: today(), success: 1, error: 1, timeout: 0, fatal: 0 }]);
    assert.equal(trackedOf(await runtime.nextOne("new")).delivery.reason, "http-503");

    // What was counted says so: a second tracker does not count it again.
    runtime.send("track", structuredClone({ ...failure }));
    assert.deepEqual(trackedOf(await runtime.nextOne("tracked")).health.days, failure.health.days);
  });

  it("counts attempts without an answer, by their error code", async () => {
    await runtime.deploy(flow(), credentials());
    for (const [statusCode, reason] of [
      ["ECONNREFUSED", "refused"],
      ["ENOTFOUND", "dns"],
      ["ETIMEDOUT", "timeout"],
      ["CERT_HAS_EXPIRED", "tls"],
    ]) {
      runtime.send("track", { integration: hooks, statusCode });
      const { delivery } = trackedOf(await runtime.nextOne("tracked"));
      assert.deepEqual([delivery.outcome, delivery.reason], ["timeout", reason]);
    }
    runtime.send("track", { integration: hooks, delivery: { statusCode: 410, url: "http://x/?token=abcdefgh" } });
    const { delivery, health } = trackedOf(await runtime.nextOne("tracked"));
    assert.equal(delivery.outcome, "fatal");
    assert.deepEqual(health.days, [{ date: today(), success: 0, error: 0, timeout: 4, fatal: 1 }]);
  });

  it("tells Catch nodes of messages that are no outcome, or of an integration that nobody knows", async () => {
    await runtime.deploy(flow(), credentials());
    const refused: [Message, RegExp][] = [
      [{ payload: 1 }, /msg\.webhook\.integration is nothing/],
      [{ integration: hooks }, /msg\.statusCode is nothing/],
      [{ integration: hooks, statusCode: "teapot" }, /msg\.statusCode is "teapot"/],
      [{ integration: "nobody", statusCode: 200 }, /msg\.integration is "nobody"/],
    ];
    for (const [message, expected] of refused) {
      runtime.send("track", message);
      assert.match(errorIn(await runtime.nextOne("caught")), expected);
    }
  });

  it("keeps counts when the integration is renamed and its URL changes", async () => {
    await runtime.deploy(flow(), credentials());
    runtime.send("build", { payload: comment(1) });
    await runtime.nextOne("tracked");
    await runtime.deploy(flow({ name: "New name", slug: "new-slug", url: `${receiver.url}/moved` }), credentials());
    runtime.send("build", { payload: comment(2) });
    const { health } = trackedOf(await runtime.nextOne("tracked"));
    assert.deepEqual(health.days, [{ date: today(), success: 2, error: 0, timeout: 0, fatal: 0 }]);
  });
});
