import assert from "node:assert/strict";
import { localWaitMs, maxAttempts, retryWaitsMs, withJitter } from "../../../nodes/lib/delivery/retry-schedule";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../nodes/lib/time/utc-day";

describe("retry schedule", () => {
  it("is that of Standard Webhooks, of Sentry, none, or one's own in seconds", () => {
    assert.deepEqual(retryWaitsMs("standard"), [
      5 * SECOND_MS,
      5 * MINUTE_MS,
      30 * MINUTE_MS,
      ...[2, 5, 10, 14, 20, 20].map((hours) => hours * HOUR_MS),
    ]);
    assert.deepEqual(retryWaitsMs("sentry"), [5 * MINUTE_MS, 5 * MINUTE_MS, 5 * MINUTE_MS]);
    assert.deepEqual(retryWaitsMs("none"), []);
    assert.deepEqual(retryWaitsMs([1, 0.5]), [1_000, 500]);
  });

  it("allows one attempt more than it has waits", () => {
    assert.deepEqual(
      [maxAttempts("standard"), maxAttempts("sentry"), maxAttempts("none"), maxAttempts([]), maxAttempts([1, 2])],
      [10, 4, 1, 1, 3],
    );
  });

  it("is spread by a fifth either way", () => {
    assert.equal(
      withJitter(1_000, () => 0),
      800,
    );
    assert.equal(
      withJitter(1_000, () => 0.5),
      1_000,
    );
    assert.equal(
      withJitter(1_000, () => 0.999_999),
      1_200,
    );
  });

  it("waits longer with each failure for a local reason, up to five minutes", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 100].map(localWaitMs), [
      5 * SECOND_MS,
      30 * SECOND_MS,
      2 * MINUTE_MS,
      5 * MINUTE_MS,
      5 * MINUTE_MS,
      5 * MINUTE_MS,
    ]);
  });
});
