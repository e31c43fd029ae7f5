import assert from "node:assert/strict";
import { ByRecency } from "../../../nodes/lib/health/by-recency";

describe("what was seen, by recency", () => {
  const seen = (...steps: [key: string, at: number][]) => {
    const known = new ByRecency();
    for (const [key, at] of steps) known.saw(key, at);
    return known;
  };
  const left = (known: ByRecency, ...keys: string[]) => keys.filter((key) => known.has(key)).join("");

  it("deletes what was last seen then or before", () => {
    const known = seen(["a", 1], ["b", 2], ["c", 3]);
    known.deleteThrough(2);
    assert.deepEqual([left(known, "a", "b", "c"), known.size, known.oldestAt], ["c", 1, 3]);
    known.deleteThrough(9);
    assert.deepEqual([known.size, known.oldestAt], [0, null]);
    known.deleteThrough(9);
    known.deleteOldest();
    assert.equal(known.size, 0);
  });

  it("goes by the last time that something was seen", () => {
    const known = seen(["a", 1], ["b", 2], ["c", 3], ["a", 4], ["a", 5], ["c", 6]);
    assert.deepEqual([known.size, known.oldestAt], [3, 2]);
    known.deleteOldest();
    assert.deepEqual([left(known, "a", "b", "c"), known.oldestAt], ["ac", 5]);
  });

  it("is as before after something was deleted that it does not know, or all was", () => {
    const known = seen(["a", 1], ["b", 2], ["c", 3]);
    known.delete("b");
    known.delete("z");
    known.saw("b", 4);
    known.deleteThrough(3);
    assert.equal(left(known, "a", "b", "c"), "b");
    known.clear();
    assert.deepEqual([known.size, known.oldestAt, left(known, "b")], [0, null, ""]);
    known.saw("b", 5);
    assert.equal(known.oldestAt, 5);
  });
});
