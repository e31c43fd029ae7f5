import assert from "node:assert/strict";
import { DueHeap } from "../../../nodes/lib/delivery/due-heap";
import { seededRandom } from "../../fixtures/seeded-random";

describe("DueHeap", () => {
  it("gives out the earliest first, and nothing before it is due", () => {
    const random = seededRandom(1);
    const heap = new DueHeap<number>();
    const times = Array.from({ length: 2_000 }, () => Math.floor(random() * 500));
    for (const at of times) heap.push(at, at);
    assert.equal(heap.size, times.length);
    assert.equal(heap.popDue((heap.earliest() ?? 0) - 1), undefined);
    const out: number[] = [];
    for (let now = 0; now < 500; now += 7) {
      for (let item = heap.popDue(now); item !== undefined; item = heap.popDue(now)) {
        assert.ok(item <= now);
        out.push(item);
      }
      assert.ok((heap.earliest() ?? Number.POSITIVE_INFINITY) > now);
      const late = now + Math.floor(random() * 50);
      heap.push(late, late);
      times.push(late);
    }
    for (let item = heap.popDue(1_000); item !== undefined; item = heap.popDue(1_000)) out.push(item);
    assert.deepEqual(
      out,
      times.sort((a, b) => a - b),
    );
    assert.equal(heap.earliest(), null);
  });
});
