import assert from "node:assert/strict";
import { Lane, type LaneItem } from "../../../nodes/lib/delivery/lane";
import { oneOf, seededRandom } from "../../fixtures/seeded-random";
import { policy } from "../store/sample-delivery";

function item(id: string, changes: Partial<LaneItem> = {}): LaneItem {
  return { id, orderKey: id, kind: "event", acceptedAt: 0, heldMs: 0, dueAt: 0, place: "blocked", ...changes };
}

function laneOf(changes: Parameters<typeof policy>[0], ...items: LaneItem[]): Lane<LaneItem> {
  const lane = new Lane<LaneItem>("one");
  lane.configure(policy(changes), 0);
  for (const each of items) lane.add(each, 0);
  return lane;
}

function takeAll(lane: Lane<LaneItem>, now = 0): string[] {
  const ids: string[] = [];
  for (let taken = lane.take(now); taken !== undefined; taken = lane.take(now)) ids.push(taken.id);
  return ids;
}

describe("Lane", () => {
  it("sends again at most ten a second, in the order asked for, and keeps nothing new waiting for it", () => {
    const replays = ["r1", "r2", "r3"].map((id) => item(id, { kind: "replay" }));
    const lane = laneOf({ concurrency: 10 }, ...replays);
    assert.deepEqual(takeAll(lane), ["r1"]);
    assert.equal(lane.nextAt(0), 100);
    lane.add(item("new"), 50);
    assert.deepEqual(takeAll(lane, 50), ["new"]);
    assert.deepEqual(takeAll(lane, 100), ["r2"]);
    lane.rebuild(150);
    assert.deepEqual(takeAll(lane, 199), []);
    assert.deepEqual(takeAll(lane, 200), ["r3"]);
  });

  it("leaves what is due, or has its turn, where it is when it makes others due", () => {
    const [r1, r2, r3] = ["r1", "r2", "r3"].map((id) => item(id, { kind: "replay" }));
    assert.ok(r1 && r2 && r3);
    const waits = item("waits", { dueAt: 60_000 });
    const lane = laneOf({ concurrency: 1 }, r1, r2, waits, r3);
    assert.deepEqual(takeAll(lane), ["r1"]);
    lane.hasten(() => true, 150);
    lane.release(r1, 150);
    assert.deepEqual(
      [r1, r2, r3, waits].map(({ dueAt }) => dueAt),
      [0, 100, 200, 150],
    );
    const order: string[] = [];
    for (let taken = lane.take(200); taken !== undefined; taken = lane.take(200)) {
      order.push(taken.id);
      lane.remove(taken, 200);
    }
    assert.deepEqual(order, ["r2", "waits", "r1", "r3"]);
  });

  it("makes what is sent again due one after another, and none later than it was", () => {
    const [r1, r2, r3] = ["r1", "r2", "r3"].map((id) => item(id, { kind: "replay" }));
    assert.ok(r1 && r2 && r3);
    const lane = laneOf({ concurrency: 10 }, r1, r2, r3);
    for (const now of [0, 100, 200]) takeAll(lane, now);
    lane.retry(r1, 60_000, 250);
    lane.retry(r2, 60_000, 250);
    lane.retry(r3, 310, 250);
    lane.hasten(() => true, 250);
    assert.deepEqual(
      [r1, r2, r3].map(({ dueAt }) => dueAt),
      [300, 400, 310],
    );
  });

  it("lets what is to be sent again go in order when it is held no longer", () => {
    const replays = ["r1", "r2", "r3"].map((id) => item(id, { kind: "replay" }));
    const lane = laneOf({ concurrency: 10 }, ...replays);
    lane.hold(0);
    lane.letGo(1_000);
    lane.rebuild(1_000);
    assert.deepEqual(
      replays.map(({ dueAt }) => dueAt),
      [1_000, 1_100, 1_200],
    );
  });

  it("keeps a retried delivery at the head of its key", () => {
    const [a1, a2] = [item("a1", { orderKey: "a" }), item("a2", { orderKey: "a" })];
    const lane = laneOf({}, a1, a2);
    assert.deepEqual(takeAll(lane), ["a1"]);
    lane.retry(a1, 100, 0);
    assert.deepEqual(takeAll(lane, 99), []);
    assert.equal(lane.nextAt(99), 100);
    assert.deepEqual(takeAll(lane, 100), ["a1"]);
    lane.remove(a1, 100);
    assert.deepEqual(takeAll(lane, 100), ["a2"]);
  });

  it("does not queue a follower again that is being given up when the one before it is settled", () => {
    const [a1, a2, a3] = ["a1", "a2", "a3"].map((id) => item(id, { orderKey: "a" }));
    assert.ok(a1 && a2 && a3);
    const lane = laneOf({ concurrency: 10 }, a1, a2);
    assert.deepEqual(takeAll(lane), ["a1"]);
    assert.deepEqual(lane.takeAll(10), [a2]);
    lane.add(a3, 0);
    lane.remove(a1, 0);
    assert.deepEqual(takeAll(lane), [], "a3 waits until a2 is given up on disk");
    lane.remove(a2, 0);
    assert.equal(lane.inFlight, 0);
    assert.deepEqual(takeAll(lane), ["a3"]);
  });

  it("counts what is in flight right when an answer comes after a release", () => {
    const [a, b] = [item("a"), item("b")];
    const lane = laneOf({ concurrency: 1 }, a, b);
    assert.deepEqual(takeAll(lane), ["a"]);
    lane.release(a, 0);
    lane.retry(a, 50, 0);
    assert.equal(lane.inFlight, 0);
    assert.deepEqual(takeAll(lane), ["b"]);
    lane.release(b, 0);
    lane.remove(b, 0);
    assert.equal(lane.inFlight, 0);
    assert.deepEqual(takeAll(lane, 49), []);
    assert.deepEqual(takeAll(lane, 50), ["a"]);
  });

  it("holds what may be held besides what is in flight and what is being given up", () => {
    const items = Array.from({ length: 10 }, (_, index) => item(`${index}`));
    const lane = laneOf({ holdLimit: 3 }, ...items);
    const flying = [lane.take(0), lane.take(0)];
    lane.hold(0);
    assert.deepEqual(
      lane.takeOverdue(0, 2).map(({ id }) => id),
      ["2", "3"],
      "no more at once than asked for",
    );
    assert.deepEqual(
      lane.takeOverdue(0, 100).map(({ id }) => id),
      ["4", "5", "6"],
    );
    assert.deepEqual(lane.takeOverdue(0, 100), [], "nothing twice");
    assert.equal(lane.inFlight, 7);
    for (const each of flying) if (each !== undefined) lane.release(each, 0);
    assert.deepEqual(
      lane.takeOverdue(0, 100).map(({ id }) => id),
      ["0", "1"],
    );
  });

  it("never gives up tests with what is held", () => {
    const lane = laneOf({ whenDisabled: "drop" }, item("test", { kind: "test" }), item("event"));
    lane.hold(0);
    assert.deepEqual(
      lane.takeOverdue(0, 10).map(({ id }) => id),
      ["event"],
    );
    assert.deepEqual(takeAll(lane), ["test"]);
  });

  it("says when something may leave by the passing of time alone", () => {
    const [a, b] = [item("a", { dueAt: 500 }), item("b")];
    const lane = laneOf({ pauses: true, concurrency: 1, rate: 1 }, a, b);
    assert.equal(lane.nextAt(0), 0);
    assert.deepEqual(takeAll(lane), ["b"]);
    assert.equal(lane.nextAt(0), null, "its only place is taken");
    lane.remove(b, 0);
    assert.equal(lane.nextAt(0), 980, "as its rate allows");
    lane.pause = { failures: 5, until: 60_000, lengthMs: 60_000 };
    assert.equal(lane.nextAt(0), 60_000);
    lane.configure(null, 0);
    assert.equal(lane.nextAt(0), null);
  });

  it("keeps every promise under any mix of events", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed);
      const concurrency = 1 + Math.floor(random() * 4);
      const lane = laneOf({ concurrency, holdLimit: 20, ordered: true });
      const flying = new Set<LaneItem>();
      const givenUp = new Set<LaneItem>();
      const accepted: LaneItem[] = [];
      let disabled = false;
      let now = 0;
      const first = (key: string) => accepted.find(({ orderKey, place }) => orderKey === key && place !== "gone");
      for (let step = 0; step < 1_500; step++) {
        now += Math.floor(random() * 20);
        const chance = random();
        if (chance < 0.35) {
          const made = item(`${step}`, { orderKey: `key-${Math.floor(random() * 6)}`, acceptedAt: now, dueAt: now });
          accepted.push(made);
          lane.add(made, now);
        } else if (chance < 0.65) {
          const taken = lane.take(now);
          if (taken !== undefined) {
            assert.ok(!disabled && taken.dueAt <= now);
            assert.equal(taken, first(taken.orderKey), `seed ${seed}: in order`);
            flying.add(taken);
            assert.ok(flying.size <= concurrency);
          }
        } else if (chance < 0.9 && flying.size + givenUp.size > 0) {
          const settled = oneOf([...flying, ...givenUp], random);
          if (flying.has(settled) && random() < 0.4) lane.retry(settled, now + Math.floor(random() * 100), now);
          else lane.remove(settled, now);
          flying.delete(settled);
          givenUp.delete(settled);
        } else if (chance < 0.93) {
          for (const each of lane.takeAll(Math.floor(random() * 5))) givenUp.add(each);
        } else if (chance < 0.96) {
          for (const each of lane.takeOverdue(now, 5)) givenUp.add(each);
        } else if (disabled) {
          lane.letGo(now);
          disabled = false;
        } else {
          lane.hold(now);
          disabled = true;
        }
        assert.equal(lane.inFlight, flying.size + givenUp.size, `seed ${seed}`);
      }
      for (const each of [...flying, ...givenUp]) lane.remove(each, now);
      if (disabled) lane.letGo(now);
      now += 1_000;
      for (let left = lane.waiting.size; left > 0; now += 1_000) {
        for (let taken = lane.take(now); taken !== undefined; taken = lane.take(now)) {
          assert.equal(taken, first(taken.orderKey));
          lane.remove(taken, now);
          left -= 1;
        }
      }
      assert.deepEqual([lane.waiting.size, lane.inFlight, lane.nextAt(now)], [0, 0, null]);
    }
  });
});
