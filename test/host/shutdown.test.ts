import assert from "node:assert/strict";
import { EmbeddedRuntime } from "./embedded-runtime";
import { comment, integration, node, probe, SECRET, tab } from "./flows";
import { Receiver } from "./receiver";

describe("a shutdown", () => {
  let receiver: Receiver;
  let runtime: EmbeddedRuntime;

  const CLOSE_TIMEOUT_MS = 1_500;
  const flow = (properties: Record<string, unknown> = {}) => [
    tab(),
    integration("hooks", receiver.url, properties),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["delivered"], ["retrying"], []]),
    ...[probe("delivered"), probe("retrying")],
  ];
  const credentials = { hooks: { secret: SECRET } };

  beforeEach(async () => {
    receiver = await Receiver.listen();
    runtime = await EmbeddedRuntime.start({ nodeCloseTimeout: CLOSE_TIMEOUT_MS });
  });
  afterEach(async () => {
    await runtime.stop();
    await receiver.close();
  });

  it("finishes attempts in flight, so that they are not made again", async () => {
    const answer = receiver.hold();
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment(1) });
    const { headers } = await receiver.next();
    const left = runtime.leave();
    answer(200);
    await left;

    receiver.reset();
    runtime = await EmbeddedRuntime.start({}, runtime.userDir);
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment(2) });
    await runtime.nextOne("delivered");
    const [only, ...others] = receiver.requests;
    assert.equal(others.length, 0);
    assert.notEqual(only?.headers["webhook-id"], headers["webhook-id"]);
  });

  it("does not wait longer than a node may take to close, and leaves the rest for the next start", async () => {
    receiver.hold();
    await runtime.deploy(flow(), credentials);
    runtime.send("build", { payload: comment(1) });
    const { headers } = await receiver.next();
    await runtime.leave();
    assert.equal(
      runtime.log.some((line) => /close timed out/i.test(line)),
      false,
    );

    receiver.reset();
    runtime = await EmbeddedRuntime.start({}, runtime.userDir);
    await runtime.deploy(flow(), credentials);
    const delivered = await runtime.nextOne("delivered");
    assert.equal((delivered.webhook as { id: string }).id, headers["webhook-id"]);
    assert.equal((await receiver.next()).headers["webhook-id"], headers["webhook-id"]);
  });

  it("keeps integrations given in messages, with their secrets, over the next start", async () => {
    const build = node("build", "comment-webhook-build", "tab", [["send"]], { target: "msg" });
    const store = { id: "store", type: "webhook-store", name: "Customers", path: "customers" };
    const nodes = [store, ...flow().map((each) => (each.id === "build" ? build : each))];
    const given = { id: 17, url: receiver.url, allowPrivate: true, store: "store", secret: SECRET, retries: [4] };
    receiver.answerWith(500);
    await runtime.deploy(nodes, { ...credentials, store: { encryptionKey: "a key" } });
    runtime.send("build", { payload: comment(1), integrations: [given] });
    await runtime.nextOne("retrying");
    await receiver.next();
    await runtime.leave();

    receiver.reset();
    runtime = await EmbeddedRuntime.start({}, runtime.userDir);
    await runtime.deploy(nodes, { ...credentials, store: { encryptionKey: "a key" } });
    const delivered = await runtime.nextOne("delivered");
    assert.equal((delivered.webhook as { integration: string }).integration, "17");
    assert.match(String((await receiver.next()).headers["webhook-signature"]), /^v1,/);
  });
});
