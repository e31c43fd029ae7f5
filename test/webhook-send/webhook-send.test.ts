import assert from "node:assert/strict";
import { once } from "node:events";
import RED from "node-red";
import { Webhook as StandardWebhook } from "standardwebhooks";
import type { EmbeddedRuntime, Message } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";

interface DeliveryPart {
  attemptId: string;
  kind: string;
  outcome: string;
  gaveUp: string | null;
  statusCode: number;
  nextAttemptAt: string | null;
  startedAt: string;
}

const deliveryOf = (message: Message) => message.delivery as DeliveryPart;

describe("webhook-send", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  /** Each test has an integration of its own: what waits for one would keep back what comes after it. */
  let hooks = "";
  let tests = 0;

  const flow = (send: Record<string, unknown> = {}, properties: Record<string, unknown> = {}) => [
    tab(),
    integration(hooks, receiver.url, { retries: [60], ...properties }),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["delivered"], ["retrying"], ["given-up"]], send),
    ...["delivered", "retrying", "given-up"].map((id) => probe(id)),
    node("complete", "complete", "tab", [["accepted"]], { scope: ["send"] }),
    probe("accepted"),
    ...caught(),
  ];
  let credentials: Record<string, Record<string, string>> = {};

  useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });
  beforeEach(() => {
    hooks = `hooks-${++tests}`;
    credentials = { [hooks]: { secret: SECRET } };
  });

  it("says in its status what waits and why", async () => {
    const answer = receiver.hold();
    await runtime.deploy(flow({}, { retries: "standard" }), credentials);
    await runtime.status("send", ({ text }) => text === "idle");
    runtime.send("build", { payload: comment() });
    const sending = await runtime.status("send", ({ fill, shape }) => fill === "blue" && shape === "dot");
    assert.match(String(sending.text), /1/);
    await receiver.next();
    answer(500);
    await runtime.status("send", ({ fill, shape }) => fill === "blue" && shape === "ring");
  });

  it("sends what was built, signed, and tells of it only from what was stored", async () => {
    await runtime.deploy(flow({ carry: ["ticket", "absent"] }), credentials);
    runtime.send("build", { payload: comment(), topic: "t", ticket: { n: 1 }, other: "gone" });
    const message = await runtime.nextOne("delivered");
    const request = await receiver.next();

    new StandardWebhook(SECRET).verify(request.body, request.headers);
    const { webhook, delivery, parts, _msgid, ...rest } = message as Message & { webhook: Message; parts: Message };
    assert.equal(request.headers["webhook-id"], webhook.id);
    assert.deepEqual(webhook.body, JSON.parse(request.body));
    assert.deepEqual([parts.index, parts.count], [0, 1]);
    assert.deepEqual(rest, { topic: "t", ticket: { n: 1 }, payload: "thanks" });
    assert.equal(deliveryOf(message).outcome, "success");
    assert.match(deliveryOf(message).startedAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.equal(deliveryOf(message).nextAttemptAt, null);
    assert.equal(runtime.arrived("accepted").length, 1);
  });

  it("tells of an attempt that will be retried on port 2, without its place in the sequence", async () => {
    receiver.answerWith(500, "broken");
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment() });
    const message = await runtime.nextOne("retrying");
    assert.equal(deliveryOf(message).outcome, "error");
    assert.equal(deliveryOf(message).statusCode, 500);
    assert.match(String(deliveryOf(message).nextAttemptAt), /Z$/);
    assert.equal(message.payload, "broken");
    assert.equal("parts" in message, false);
  });

  it("tells of giving up on port 3, not to Catch nodes", async () => {
    receiver.answerWith(404, "");
    await runtime.deploy(flow({}, { retries: "none" }), credentials);
    runtime.send("build", { payload: comment() });
    const message = await runtime.nextOne("given-up");
    assert.equal(deliveryOf(message).gaveUp, "exhausted");
    assert.ok("parts" in message);
    assert.deepEqual(runtime.arrived("caught"), []);
  });

  it("is done with a webhook when it is accepted, long before it is delivered", async () => {
    const answer = receiver.hold();
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("accepted");
    assert.deepEqual(runtime.arrived("delivered"), []);
    await receiver.next();
    answer(200);
    await runtime.nextOne("delivered");
  });

  it("is done with the second copy of a webhook and does not send it", async () => {
    await runtime.deploy(flow(), credentials);
    const webhook = { id: "msg_same", event: "comment.created", integration: hooks, orderKey: "1", body: { a: 1 } };
    runtime.send("send", { webhook });
    runtime.send("send", { webhook });
    await runtime.next("accepted", 2);
    await runtime.nextOne("delivered");
    runtime.send("send", { webhook: { ...webhook, id: "msg_other" } });
    await runtime.nextOne("delivered");
    assert.deepEqual(
      receiver.requests.map(({ headers }) => headers["webhook-id"]),
      ["msg_same", "msg_other"],
    );
  });

  it("gives to Catch nodes what cannot be accepted, naming the field, and does not call it done", async () => {
    await runtime.deploy(flow({ carry: ["big", "loop"] }), credentials);
    const webhook = { id: "msg_1", event: "comment.created", integration: hooks, orderKey: "1", body: { a: 1 } };
    const loop: Message = {};
    loop.loop = loop;
    const refused: [Message, RegExp][] = [
      [{}, /msg\.webhook is nothing/],
      [{ webhook: { ...webhook, id: "1", event: "x" } }, /msg\.webhook\.id is "1".*msg\.webhook\.event is "x"/],
      [{ webhook: { ...webhook, integration: "gone" } }, /msg\.webhook\.integration is "gone"/],
      [{ webhook, big: "x".repeat(17_000) }, /msg\.big is .*16384 bytes/],
      [{ webhook, loop }, /msg\.loop/],
      [{ integration: hooks, topic: "explode" }, /msg\.topic is "explode", expected "test", "redeliver" or "discard"/],
      [{ integration: hooks, topic: "redeliver", filter: { since: "soon" } }, /msg\.filter\.since is "soon"/],
      [{ integration: 7, topic: "test" }, /msg\.integration is 7/],
    ];
    for (const [message, expected] of refused) {
      runtime.send("send", message);
      assert.match(errorIn(await runtime.nextOne("caught")), expected);
    }
    assert.deepEqual(runtime.arrived("accepted"), []);
    assert.deepEqual(receiver.requests, []);
  });

  it("sends a signed test by command, named by id or slug", async () => {
    await runtime.deploy(flow({}, { slug: "my-hooks" }), credentials);
    runtime.send("send", { integration: "my-hooks", topic: "test" });
    const message = await runtime.nextOne("delivered");
    const request = await receiver.next();
    new StandardWebhook(SECRET).verify(request.body, request.headers);
    assert.equal(deliveryOf(message).kind, "test");
    assert.equal((message.webhook as Message).event, "webhook.test");
    assert.equal(message.topic, "test");
    await runtime.nextOne("accepted");
  });

  it("gives up by command what waits, and redelivers by command what was given up", async () => {
    receiver.answerWith(503);
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment() });
    const first = await runtime.nextOne("retrying");
    runtime.send("send", { integration: hooks, topic: "discard" });
    const discarded = await runtime.nextOne("given-up");
    assert.equal(deliveryOf(discarded).gaveUp, "discarded");
    assert.deepEqual((discarded.webhook as Message).id, (first.webhook as Message).id);

    receiver.reset();
    runtime.send("send", { integration: hooks, topic: "redeliver", filter: { id: (first.webhook as Message).id } });
    const again = await runtime.nextOne("delivered");
    assert.equal(deliveryOf(again).kind, "replay");
    assert.equal((await receiver.next()).headers["webhook-id"], (first.webhook as Message).id);
  });

  it("says how many webhooks a command found, also when there are none", async () => {
    receiver.answerWith(503);
    await runtime.deploy(flow({}, { name: "Shop bot", ordered: false }), credentials);
    const says = async (topic: string, text: string) => {
      runtime.send("send", { integration: hooks, topic });
      await runtime.status("send", (status) => status.text === text);
    };
    await says("redeliver", "Shop bot: 0 webhooks sent again");
    await says("discard", "Shop bot: 0 webhooks discarded");
    for (const id of [1, 2]) runtime.send("build", { payload: comment(id) });
    await runtime.next("retrying", 2);
    await says("discard", "Shop bot: 2 webhooks discarded");
    await runtime.next("given-up", 2);
    await says("redeliver", "Shop bot: 2 webhooks sent again");
  });

  for (const deployment of ["full", "nodes"] as const) {
    it(`keeps an attempt in flight over a deploy (${deployment}) and tells of it through the new node`, async () => {
      const answer = receiver.hold();
      await runtime.deploy(flow(), credentials);
      runtime.send("build", { payload: comment() });
      await receiver.next();
      await runtime.deploy(flow({ name: "renamed" }, { name: "also renamed" }), credentials, deployment);
      assert.deepEqual(runtime.arrived("delivered"), []);
      answer(200);
      const message = await runtime.nextOne("delivered");
      assert.equal(deliveryOf(message).outcome, "success");
      assert.deepEqual(receiver.requests, []);
    });
  }

  it("loses no outcome that comes while flows are being deployed", async () => {
    const answer = receiver.hold();
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment() });
    await receiver.next();
    const deployed = runtime.deploy(flow({ name: "renamed" }), credentials);
    await once(RED.events, "flows:stopped");
    answer(200);
    await deployed;
    assert.equal(deliveryOf(await runtime.nextOne("delivered")).outcome, "success");
  });

  it("makes the deliveries of a node that was removed, and counts them", async () => {
    const answer = receiver.hold();
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment() });
    await receiver.next();
    const tracker = node("track", "error-tracker", "tab", [["tracked"]]);
    const others = flow().filter(({ id }) => id !== "send");
    await runtime.deploy([...others, tracker, probe("tracked")], credentials);
    answer(200);
    const webhook = { integration: hooks };
    const delivery = { attemptId: null };
    for (let counted = 0; counted === 0; ) {
      runtime.send("track", { webhook, delivery });
      const { health } = (await runtime.nextOne("tracked")) as { health: { days: { success: number }[] } };
      counted = health.days[0]?.success ?? 0;
    }
  });

  it("keeps history, order and what waits when an integration is renamed and its URL changes", async () => {
    receiver.answerWith(500);
    await runtime.deploy(flow({}, { retries: [1] }), credentials);
    runtime.send("build", { payload: comment() });
    const first = await runtime.nextOne("retrying");
    receiver.reset();
    const moved = { retries: [1], name: "New name", url: `http://127.0.0.1:${receiver.port}/elsewhere` };
    await runtime.deploy(flow({}, moved), credentials);
    const delivered = await runtime.nextOne("delivered");
    assert.equal((delivered.webhook as Message).id, (first.webhook as Message).id);
    assert.equal((await receiver.next()).path, "/elsewhere");
  });

  it("refuses to be used when it is configured wrongly, and says what is wrong", async () => {
    await runtime.deploy(flow({ carry: ["payload"] }), credentials);
    const status = await runtime.status("send", ({ fill }) => fill === "red");
    assert.match(String(status.text), /carry/);
    runtime.send("send", { webhook: {} });
    assert.match(errorIn(await runtime.nextOne("caught")), /webhook-send\.carry\[0\] is "payload"/);
    assert.ok(runtime.log.some((line) => line.includes("webhook-send.carry[0]")));
  });
});
