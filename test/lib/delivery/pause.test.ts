import assert from "node:assert/strict";
import { afterAttempt, OPEN, type PauseState } from "../../../nodes/lib/delivery/pause";
import { HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";

const failures = (count: number, from: PauseState = OPEN, at = 0) => {
  let state = from;
  for (let index = 0; index < count; index++) state = afterAttempt(state, false, at);
  return state;
};

describe("pausing after failures in a row", () => {
  it("begins with the fifth failure, for a minute", () => {
    assert.equal(failures(4).until, null);
    assert.deepEqual(failures(5, OPEN, 1_000), { failures: 5, until: 1_000 + MINUTE_MS, lengthMs: MINUTE_MS });
  });

  it("is not longer for failures of attempts that were under way", () => {
    const paused = failures(5);
    assert.deepEqual(failures(20, paused, MINUTE_MS - 1), { ...paused, failures: 25 });
  });

  it("doubles with each failed try after it, up to an hour", () => {
    let state = failures(5);
    const lengths: number[] = [];
    for (let index = 0; index < 9; index++) {
      lengths.push(state.lengthMs / MINUTE_MS);
      state = afterAttempt(state, false, state.until ?? 0);
    }
    assert.deepEqual(lengths, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert.equal(state.lengthMs, HOUR_MS);
  });

  it("ends with a success, and the next begins anew", () => {
    const state = failures(1, failures(5), 2 * MINUTE_MS);
    assert.deepEqual(afterAttempt(state, true, 3 * MINUTE_MS), OPEN);
    assert.equal(failures(5, OPEN, 0).lengthMs, MINUTE_MS);
  });

  it("begins with five failures in a row only", () => {
    assert.deepEqual(failures(4, afterAttempt(failures(4), true, 0)), { ...OPEN, failures: 4 });
  });
});
