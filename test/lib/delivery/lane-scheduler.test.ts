import assert from "node:assert/strict";
import type { LaneItem } from "../../../nodes/lib/delivery/lane";
import { LaneScheduler } from "../../../nodes/lib/delivery/lane-scheduler";
import type { LanePolicy } from "../../../nodes/lib/delivery/outbox";
import { policy } from "../store/sample-delivery";

interface Item extends LaneItem {
  integration: string;
}

const NOBODY = () => assert.fail("nothing is to be given up");

function configure(scheduler: LaneScheduler<Item>, changes: Partial<LanePolicy>, ...integrations: string[]): void {
  for (const integration of integrations) scheduler.configure(scheduler.lane(integration), policy(changes), 0);
}

function add(scheduler: LaneScheduler<Item>, integration: string, count: number, dueAt = 0): void {
  const lane = scheduler.lane(integration);
  for (let index = 0; index < count; index++) {
    const id = `${integration}-${lane.waiting.size}`;
    lane.add({ id, integration, orderKey: id, kind: "event", acceptedAt: 0, heldMs: 0, dueAt, place: "blocked" }, 0);
  }
  scheduler.touch(lane);
}

function take(scheduler: LaneScheduler<Item>, limit: number, now = 0): string[] {
  const ids: string[] = [];
  scheduler.take(limit, now, (_, { id }) => ids.push(id), NOBODY);
  return ids;
}

describe("LaneScheduler", () => {
  it("gives each lane its turn, however much waits in the others", () => {
    const scheduler = new LaneScheduler<Item>();
    configure(scheduler, {}, "a", "b", "c");
    add(scheduler, "a", 1_000);
    add(scheduler, "b", 1_000);
    add(scheduler, "c", 4);
    const counts = new Map<string, number>();
    for (const id of take(scheduler, 100)) counts.set(id.charAt(0), (counts.get(id.charAt(0)) ?? 0) + 1);
    assert.equal(counts.get("c"), 4);
    assert.ok(Math.abs((counts.get("a") ?? 0) - (counts.get("b") ?? 0)) <= 8);
  });

  it("goes on with the lane after the one it stopped at", () => {
    const scheduler = new LaneScheduler<Item>();
    configure(scheduler, {}, "a", "b");
    add(scheduler, "a", 20);
    add(scheduler, "b", 20);
    const lanes = Array.from({ length: 6 }, () => take(scheduler, 2)[0]?.charAt(0));
    assert.deepEqual(new Set(lanes.slice(0, 2)), new Set(["a", "b"]));
  });

  it("looks at a lane again when something in it falls due", () => {
    const scheduler = new LaneScheduler<Item>();
    configure(scheduler, {}, "a");
    add(scheduler, "a", 1, 500);
    assert.deepEqual(take(scheduler, 10), []);
    assert.equal(scheduler.nextAt(0), 500);
    add(scheduler, "a", 1, 200);
    assert.deepEqual(take(scheduler, 10), []);
    assert.equal(scheduler.nextAt(0), 200);
    assert.deepEqual(take(scheduler, 10, 200), ["a-1"]);
    assert.deepEqual(take(scheduler, 10, 499), []);
    assert.equal(scheduler.nextAt(499), 500);
    assert.deepEqual(take(scheduler, 10, 500), ["a-0"]);
    assert.equal(scheduler.nextAt(500), null);
  });

  it("lets go of a lane in which nothing waits, and no sooner", () => {
    const scheduler = new LaneScheduler<Item>();
    configure(scheduler, {}, "a");
    add(scheduler, "a", 1);
    const lane = scheduler.lane("a");
    scheduler.drop(lane);
    assert.equal(scheduler.find("a"), lane);
    assert.deepEqual(take(scheduler, 10), ["a-0"]);
    for (const item of lane.waiting.values()) lane.remove(item, 0);
    scheduler.drop(lane);
    assert.equal(scheduler.find("a"), undefined);
  });

  it("gives up at most as many at once as were asked for", () => {
    const scheduler = new LaneScheduler<Item>();
    configure(scheduler, { whenDisabled: "drop" }, "a");
    add(scheduler, "a", 25);
    scheduler.lane("a").hold(0);
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) {
      let count = 0;
      scheduler.take(
        10,
        0,
        () => assert.fail("nothing may leave"),
        () => {
          count += 1;
        },
      );
      counts.push(count);
    }
    assert.deepEqual(counts, [10, 10, 5, 0]);
  });
});
