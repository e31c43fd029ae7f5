import assert from "node:assert/strict";
import { type NextStepInput, nextStep } from "../../../nodes/lib/delivery/next-step";
import type { Next } from "../../../nodes/lib/delivery/outbox";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../nodes/lib/time/utc-day";

const NOW = 1_000_000;

interface Changes {
  delivery?: Partial<NextStepInput["delivery"]>;
  result?: Partial<NextStepInput["result"]>;
  plan?: NextStepInput["plan"];
  maxAgeMs?: number;
}

function step({ delivery = {}, result = {}, plan = "standard", maxAgeMs = 96 * HOUR_MS }: Changes): Next {
  return nextStep({
    delivery: { kind: "event", acceptedAt: NOW, heldMs: 0, attempts: 0, localFailures: 0, ...delivery },
    result: { outcome: "error", statusCode: 500, abortMessage: false, retryAfterMs: null, ...result },
    plan,
    maxAgeMs,
    now: NOW,
    // The middle: no jitter.
    random: () => 0.5,
  });
}

const retryIn = (waitMs: number): Next => ({ state: "retry", at: NOW + waitMs });
const givenUp = (gaveUp: Extract<Next, { state: "given-up" }>["gaveUp"]): Next => ({ state: "given-up", gaveUp });

const TABLE: [words: string, changes: Changes, expected: Next][] = [
  ["a success is delivered", { result: { outcome: "success", statusCode: 204 } }, { state: "delivered" }],
  [
    "a success of a test is delivered",
    { delivery: { kind: "test" }, result: { outcome: "success" } },
    { state: "delivered" },
  ],
  ["410 Gone gives up", { result: { outcome: "fatal", statusCode: 410 } }, givenUp("gone")],
  ["a receiver may abort one message", { result: { abortMessage: true } }, givenUp("aborted")],
  ["a first failure is retried after 5 s", {}, retryIn(5 * SECOND_MS)],
  ["a third after 30 min", { delivery: { attempts: 2 } }, retryIn(30 * MINUTE_MS)],
  ["a time-out like any other", { result: { outcome: "timeout", statusCode: 0 } }, retryIn(5 * SECOND_MS)],
  ["the ninth is retried", { delivery: { attempts: 8 } }, retryIn(20 * HOUR_MS)],
  ["the tenth was the last", { delivery: { attempts: 9 } }, givenUp("exhausted")],
  ["404 is retried under standard", { result: { statusCode: 404 } }, retryIn(5 * SECOND_MS)],
  ["404 is not retried under sentry", { plan: "sentry", result: { statusCode: 404 } }, givenUp("not-retryable")],
  ["499 is not retried under sentry", { plan: "sentry", result: { statusCode: 499 } }, givenUp("not-retryable")],
  ["408 is retried under sentry", { plan: "sentry", result: { statusCode: 408 } }, retryIn(5 * MINUTE_MS)],
  ["425 is retried under sentry", { plan: "sentry", result: { statusCode: 425 } }, retryIn(5 * MINUTE_MS)],
  ["429 is retried under sentry", { plan: "sentry", result: { statusCode: 429 } }, retryIn(5 * MINUTE_MS)],
  ["500 is retried under sentry", { plan: "sentry", result: { statusCode: 500 } }, retryIn(5 * MINUTE_MS)],
  ["302 is retried under sentry", { plan: "sentry", result: { statusCode: 302 } }, retryIn(5 * MINUTE_MS)],
  [
    "no answer is retried under sentry",
    { plan: "sentry", result: { outcome: "timeout", statusCode: 0 } },
    retryIn(5 * MINUTE_MS),
  ],
  ["sentry's fourth was the last", { plan: "sentry", delivery: { attempts: 3 } }, givenUp("exhausted")],
  ["without retries the first was the last", { plan: "none" }, givenUp("exhausted")],
  ["nor with an empty list", { plan: [] }, givenUp("exhausted")],
  ["own waits are used in turn", { plan: [7, 9], delivery: { attempts: 1 } }, retryIn(9 * SECOND_MS)],
  ["a test is tried once", { delivery: { kind: "test" } }, givenUp("exhausted")],
  [
    "also if nothing was sent",
    { delivery: { kind: "test" }, result: { outcome: null, statusCode: 0 } },
    givenUp("exhausted"),
  ],
  ["a replay is retried", { delivery: { kind: "replay" } }, retryIn(5 * SECOND_MS)],
  [
    "a local failure uses up no attempt",
    { delivery: { attempts: 9 }, result: { outcome: null, statusCode: 0 } },
    retryIn(5 * SECOND_MS),
  ],
  [
    "the next waits longer",
    { delivery: { localFailures: 1 }, result: { outcome: null, statusCode: 0 } },
    retryIn(30 * SECOND_MS),
  ],
  [
    "Retry-After is obeyed where it is longer",
    { result: { statusCode: 429, retryAfterMs: HOUR_MS } },
    retryIn(HOUR_MS),
  ],
  ["not where it is shorter", { result: { statusCode: 503, retryAfterMs: 0 } }, retryIn(5 * SECOND_MS)],
  [
    "what would be too old by then is given up",
    { delivery: { acceptedAt: NOW - HOUR_MS }, maxAgeMs: HOUR_MS + 5 * SECOND_MS - 1 },
    givenUp("expired"),
  ],
  [
    "not if it is just in time",
    { delivery: { acceptedAt: NOW - HOUR_MS }, maxAgeMs: HOUR_MS + 5 * SECOND_MS },
    retryIn(5 * SECOND_MS),
  ],
  [
    "time for which it was held does not count",
    { delivery: { acceptedAt: NOW - 2 * HOUR_MS, heldMs: HOUR_MS }, maxAgeMs: HOUR_MS + 5 * SECOND_MS },
    retryIn(5 * SECOND_MS),
  ],
  [
    "local failures end with its age",
    { delivery: { acceptedAt: NOW - HOUR_MS }, result: { outcome: null, statusCode: 0 }, maxAgeMs: HOUR_MS },
    givenUp("expired"),
  ],
];

describe("what becomes of a delivery after an attempt", () => {
  for (const [words, changes, expected] of TABLE) it(words, () => assert.deepEqual(step(changes), expected));

  it("spreads retries by chance", () => {
    const input = {
      delivery: { kind: "event", acceptedAt: NOW, heldMs: 0, attempts: 1, localFailures: 0 },
      result: { outcome: "error", statusCode: 500, abortMessage: false, retryAfterMs: null },
      plan: "standard",
      maxAgeMs: 96 * HOUR_MS,
      now: NOW,
    } as const;
    assert.deepEqual(nextStep({ ...input, random: () => 0 }), retryIn(4 * MINUTE_MS));
    assert.deepEqual(nextStep({ ...input, random: () => 1 }), retryIn(6 * MINUTE_MS));
  });
});
