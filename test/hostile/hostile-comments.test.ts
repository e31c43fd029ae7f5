import assert from "node:assert/strict";
import { hostileComments } from "../fixtures/hostile-comments";
import { EmbeddedRuntime, type Message } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import { Receiver } from "../host/receiver";
import { openedStore } from "./opened-store";

const COUNT = 2_000;

describe("hostile comments", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;

  before(async () => {
    runtime = await EmbeddedRuntime.start();
    receiver = await Receiver.listen();
    await runtime.deploy(
      [
        tab(),
        integration("hooks", receiver.url),
        node("build", "comment-webhook-build", "tab", [["send", "built"]]),
        node("send", "webhook-send", "tab", [["outcome"], ["outcome"], ["outcome"]]),
        node("complete", "complete", "tab", [["done"]], { scope: ["build", "send"] }),
        ...["built", "outcome", "done"].map((id) => probe(id)),
        ...caught(),
      ],
      { hooks: { secret: SECRET } },
    );
  });
  after(async () => {
    await runtime.stop();
    await receiver.close();
  });

  it(`are refused, ${COUNT} of them, each with an error for Catch that names the field; nothing is sent or kept`, async () => {
    const hostile = hostileComments(COUNT, 42);
    for (const [index, { payload, headers }] of hostile.entries()) {
      runtime.send("build", { index, payload, req: { headers } });
    }
    const refused = (await runtime.next("caught", COUNT)) as (Message & {
      index: number;
      error: { source: Message };
    })[];

    assert.deepEqual(
      refused.map(({ index }) => index).sort((a, b) => a - b),
      hostile.map((_, index) => index),
    );
    for (const message of refused) {
      const { name, field } = hostile[message.index] ?? assert.fail();
      const error = errorIn(message);
      assert.ok(error.includes(field), `${name}: ${error}`);
      assert.match(error, /^.{20,2000}$/u, name);
      assert.equal(message.error.source.id, "build", name);
    }
    for (const silent of ["built", "outcome", "done"]) assert.deepEqual(runtime.arrived(silent), []);
    const store = await openedStore();
    assert.deepEqual(await store.integrations(), []);
    assert.deepEqual(store.lanes(), []);

    // What is right is still sent, and nothing else was.
    runtime.send("build", { payload: comment("right") });
    await runtime.nextOne("outcome");
    assert.deepEqual(
      receiver.requests.map(({ body }) => JSON.parse(body).data.comment_id),
      ["right"],
    );
  });
});
