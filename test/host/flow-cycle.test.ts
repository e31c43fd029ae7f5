import assert from "node:assert/strict";
import { FlowCycle } from "../../nodes/host/flow-cycle";
import { FlowEvents } from "./flow-events";

describe("the cycle of flows", () => {
  it("runs from the first start to the next stop", () => {
    const events = new FlowEvents();
    const cycle = new FlowCycle(events);
    assert.equal(cycle.running, false);
    events.started();
    assert.equal(cycle.running, true);
    events.stopping();
    assert.equal(cycle.running, false);
  });

  it("tells a deploy from a stop for good", () => {
    const events = new FlowEvents();
    const cycle = new FlowCycle(events);
    events.started();
    events.deploying();
    assert.equal(cycle.stopsForGood, false);
    events.started();
    events.stopping();
    assert.equal(cycle.stopsForGood, true);
    events.started();
    assert.equal(cycle.stopsForGood, false);
  });

  it("tells at once when the flows begin to stop for good, and not for a deploy", () => {
    const events = new FlowEvents();
    const cycle = new FlowCycle(events);
    let endings = 0;
    cycle.onStoppingForGood(() => endings++);
    events.started();
    events.deploying();
    assert.equal(endings, 0);
    events.started();
    events.stopping();
    assert.equal(endings, 1);
  });

  it("calls listeners at each start in the order in which they came, until they are called off", () => {
    const events = new FlowEvents();
    const cycle = new FlowCycle(events);
    const calls: string[] = [];
    cycle.onRunning(() => calls.push("first"));
    const stop = cycle.onRunning(() => calls.push("second"));
    events.started();
    stop();
    events.started();
    assert.deepEqual(calls, ["first", "second", "first"]);
  });

  it("calls once when all flows run: now, or at the next start", () => {
    const events = new FlowEvents();
    const cycle = new FlowCycle(events);
    const calls: string[] = [];
    cycle.whenRunning(() => calls.push("waited"));
    const callOff = cycle.whenRunning(() => calls.push("called off"));
    callOff();
    assert.equal(calls.length, 0);
    events.started();
    events.started();
    cycle.whenRunning(() => calls.push("at once"));
    assert.deepEqual(calls, ["waited", "at once"]);
  });
});
