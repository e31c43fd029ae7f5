import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Node, NodeStatus } from "node-red";
import { StatusLine } from "../../nodes/host/status-line";
import { FakeClock } from "../fixtures/fake-clock";

function line() {
  const clock = new FakeClock(0);
  const shown: (string | undefined)[] = [];
  const emitter = new EventEmitter();
  const node = Object.assign(emitter, { status: ({ text }: NodeStatus) => void shown.push(text) });
  return {
    clock,
    shown,
    close: () => emitter.emit("close", false, () => {}),
    status: new StatusLine(node as unknown as Node, clock),
  };
}

describe("a node's status line", () => {
  it("shows the first status at once and the last of many after a quarter of a second", () => {
    const { clock, shown, status } = line();
    for (const text of ["1", "2", "3"]) status.show({ text });
    assert.deepEqual(shown, ["1"]);
    clock.advance(250);
    assert.deepEqual(shown, ["1", "3"]);
  });

  it("does not show the same again", () => {
    const { clock, shown, status } = line();
    status.show({ text: "1" });
    clock.advance(250);
    status.show({ text: "1" });
    clock.advance(250);
    assert.deepEqual(shown, ["1"]);
    assert.equal(clock.timers, 0);
  });

  it("makes only the statuses that are shown", () => {
    const { clock, shown, status } = line();
    const made: string[] = [];
    for (const text of ["1", "1", "2", "3"]) {
      status.show(() => {
        made.push(text);
        return { text };
      });
    }
    clock.advance(250);
    assert.deepEqual(made, ["1", "3"]);
    assert.deepEqual(shown, ["1", "3"]);
  });

  it("shows what is announced for ten seconds, then again how things are by then", () => {
    const { clock, shown, status } = line();
    status.show({ text: "idle" });
    clock.advance(250);
    status.announce({ text: "3 sent again" });
    status.show({ text: "sending" });
    clock.advance(5_000);
    status.announce({ text: "0 sent again" });
    status.show({ text: "waiting" });
    clock.advance(9_999);
    assert.deepEqual(shown, ["idle", "3 sent again", "0 sent again"]);
    clock.advance(1);
    assert.deepEqual(shown, ["idle", "3 sent again", "0 sent again", "waiting"]);
    clock.advance(250);
    assert.equal(clock.timers, 0);
  });

  it("leaves no timer behind when the node closes", () => {
    const { clock, status, close } = line();
    status.show({ text: "1" });
    status.announce({ text: "2" });
    close();
    assert.equal(clock.timers, 0);
  });
});
