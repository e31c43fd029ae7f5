import assert from "node:assert/strict";
import { FlowCycle } from "../../nodes/host/flow-cycle";
import { Outlets } from "../../nodes/host/outlets";
import type { DeliveryReport } from "../../nodes/lib/delivery/report";
import { FlowEvents } from "./flow-events";

function report(id: string): DeliveryReport {
  return {
    result: "delivered",
    delivery: {
      ...{ integration: "i", id, kind: "event", event: "comment.created", orderKey: "1", scheme: "standard" },
      ...{ body: "{}", origin: { node: "n", msgid: "m" }, generation: 1, acceptedAt: 0 },
      ...{ attempts: 1, localFailures: 0, heldMs: 0 },
    },
    attempt: null,
    gaveUp: null,
    maxAttempts: 1,
    nextAttemptAt: null,
  };
}

function outlets() {
  const events = new FlowEvents();
  const attached = new Map<string, (report: DeliveryReport) => void>();
  const source = {
    attach(node: string, listener: (report: DeliveryReport) => void) {
      attached.set(node, listener);
      return () => attached.delete(node);
    },
  };
  const made = new Outlets(source, new FlowCycle(events));
  const arrived: string[] = [];
  const deliver = (name: string) => (each: DeliveryReport) => void arrived.push(`${name}:${each.delivery.id}`);
  return { events, outlets: made, attached, arrived, deliver };
}

describe("outlets for outcomes", () => {
  it("keep what comes before all flows run", () => {
    const { events, outlets: made, attached, arrived, deliver } = outlets();
    made.connect("n", deliver("node"));
    attached.get("n")?.(report("early"));
    assert.deepEqual(arrived, []);
    events.started();
    attached.get("n")?.(report("late"));
    assert.deepEqual(arrived, ["node:early", "node:late"]);
  });

  it("hand what ends during a deploy to the node that takes its place", () => {
    const { events, outlets: made, attached, arrived, deliver } = outlets();
    const disconnect = made.connect("n", deliver("old"));
    events.started();
    events.deploying();
    disconnect();
    attached.get("n")?.(report("between"));
    made.connect("n", deliver("new"));
    attached.get("n")?.(report("starting"));
    assert.deepEqual(arrived, []);
    events.started();
    assert.deepEqual(arrived, ["new:between", "new:starting"]);
  });

  it("let go of a node that a deploy did not bring back", () => {
    const { events, outlets: made, attached, arrived, deliver } = outlets();
    const disconnect = made.connect("n", deliver("old"));
    events.started();
    events.deploying();
    disconnect();
    attached.get("n")?.(report("between"));
    events.started();
    assert.equal(attached.size, 0);
    assert.deepEqual(arrived, []);
  });
});
