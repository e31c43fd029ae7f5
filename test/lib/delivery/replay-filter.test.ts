import assert from "node:assert/strict";
import type { GaveUp } from "../../../nodes/lib/delivery/attempt";
import { matchesReplay, parseReplayFilter } from "../../../nodes/lib/delivery/replay-filter";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";
import { delivery } from "../store/sample-delivery";

const archived = (settledAt: number, gaveUp: GaveUp | null, id = "msg_1") => ({
  delivery: { ...delivery({ id }), generation: 1, acceptedAt: 0, attempts: 0, localFailures: 0, heldMs: 0 },
  settledAt,
  gaveUp,
});

describe("which archived webhooks are sent again", () => {
  it("are all that were given up, unless something else is asked for", () => {
    for (const nothing of [undefined, null, {}]) assert.deepEqual(parseReplayFilter(nothing), {});
    assert.equal(matchesReplay(archived(5, "exhausted"), {}), true);
    assert.equal(matchesReplay(archived(5, "discarded"), {}), true);
    assert.equal(matchesReplay(archived(5, null), {}), false);
  });

  it("may be those settled at or after a time, in ISO or milliseconds", () => {
    const since = Date.parse("2026-11-23T10:00:00Z");
    for (const time of ["2026-11-23T10:00:00.000Z", since, new Date(since)]) {
      assert.deepEqual(parseReplayFilter({ since: time }), { since });
    }
    assert.equal(matchesReplay(archived(since - 1, "gone"), { since }), false);
    assert.equal(matchesReplay(archived(since, "gone"), { since }), true);
    assert.equal(matchesReplay(archived(since, null), { since }), false);
    assert.equal(matchesReplay(archived(since, null), { since, delivered: true }), true);
  });

  it("may be one, whatever became of it", () => {
    assert.equal(matchesReplay(archived(5, null, "msg_2"), { id: "msg_2", since: 10 }), true);
    assert.equal(matchesReplay(archived(5, "gone", "msg_1"), { id: "msg_2" }), false);
  });

  it("must be said in words that it understands", () => {
    for (const [filter, field] of [
      [{ since: "yesterday" }, "msg.filter.since"],
      [{ since: Number.NaN }, "msg.filter.since"],
      [{ since: new Date(Number.NaN) }, "msg.filter.since"],
      [{ id: 7 }, "msg.filter.id"],
      [{ delivered: "yes" }, "msg.filter.delivered"],
      ["all", "msg.filter"],
      [{ sinec: "2026-11-23T00:00:00Z" }, "msg.filter.sinec"],
    ] as const) {
      assert.throws(
        () => parseReplayFilter(filter),
        (error) => error instanceof InvalidFieldsError && error.fields[0]?.field === field,
        field,
      );
    }
  });
});
