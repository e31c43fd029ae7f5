import type { IntegrationSpec } from "../integration/integration-spec";
import { DAY_MS, HOUR_MS } from "../time/utc-day";
import type { LanePolicy } from "./outbox";

/** What an integration's settings mean for its lane. */
export function lanePolicy(spec: IntegrationSpec): LanePolicy {
  return {
    ordered: spec.ordered,
    concurrency: spec.concurrency,
    rate: spec.rate,
    // Sentry's schedule is kept as it is: pauses would stretch it.
    pauses: spec.retries !== "sentry",
    whenDisabled: spec.whenDisabled,
    holdLimit: spec.holdLimit,
    holdMs: spec.holdDays * DAY_MS,
    maxAgeMs: spec.maxAgeHours * HOUR_MS,
  };
}
