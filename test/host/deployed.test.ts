import assert from "node:assert/strict";
import { Deployed } from "../../nodes/host/deployed";
import { FlowCycle } from "../../nodes/host/flow-cycle";
import { FlowEvents } from "./flow-events";

function deployment() {
  const events = new FlowEvents();
  const deployed = new Deployed<{ name: string }>(new FlowCycle(events));
  const changes: string[] = [];
  deployed.onChange((id, before, after) => changes.push(`${id}: ${before?.name ?? "-"} > ${after?.name ?? "-"}`));
  return { events, deployed, changes };
}

describe("what deployed config nodes offer", () => {
  it("stays as it was while a deploy replaces the node", () => {
    const { events, deployed, changes } = deployment();
    const withdraw = deployed.offer("a", { name: "old" });
    events.started();
    events.deploying();
    withdraw(false);
    assert.equal(deployed.get("a")?.name, "old");
    deployed.offer("a", { name: "new" });
    events.started();
    assert.equal(deployed.get("a")?.name, "new");
    assert.deepEqual(changes, ["a: - > old", "a: old > new"]);
  });

  it("goes at the end of a deploy that did not bring the node back, e.g. because it was disabled", () => {
    const { events, deployed, changes } = deployment();
    const withdraw = deployed.offer("a", { name: "old" });
    events.started();
    events.deploying();
    withdraw(false);
    events.started();
    assert.equal(deployed.get("a"), undefined);
    assert.deepEqual(changes, ["a: - > old", "a: old > -"]);
  });

  it("goes at once when the node was removed", () => {
    const { events, deployed } = deployment();
    const withdraw = deployed.offer("a", { name: "old" });
    events.started();
    events.deploying();
    withdraw(true);
    assert.deepEqual(deployed.entries(), []);
  });

  it("goes at once when the flows stop for good", () => {
    const { events, deployed } = deployment();
    const withdraw = deployed.offer("a", { name: "old" });
    events.started();
    events.stopping();
    withdraw(false);
    assert.deepEqual(deployed.entries(), []);
  });
});
