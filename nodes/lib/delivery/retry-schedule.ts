import type { RetryPlan } from "../integration/integration-spec";
import type { Random } from "../time/clock";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../time/utc-day";

/** Standard Webhooks 1.0.0, "Webhook retries": the suggested schedule. */
const STANDARD_WAITS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  20 * HOUR_MS,
] as const;

/** Sentry retries a webhook three times, five minutes apart. */
const SENTRY_WAITS_MS = [5 * MINUTE_MS, 5 * MINUTE_MS, 5 * MINUTE_MS] as const;

const JITTER = 0.2;

/** The waits between attempts, ms, before jitter. */
export function retryWaitsMs(plan: RetryPlan): readonly number[] {
  if (plan === "standard") return STANDARD_WAITS_MS;
  if (plan === "sentry") return SENTRY_WAITS_MS;
  if (plan === "none") return [];
  return plan.map((seconds) => seconds * SECOND_MS);
}

/** How many attempts a delivery has at the most. */
export function maxAttempts(plan: RetryPlan): number {
  return (Array.isArray(plan) ? plan.length : retryWaitsMs(plan).length) + 1;
}

/** A wait spread by up to 20 % either way, so that retries do not come all at once. */
export function withJitter(waitMs: number, random: Random): number {
  return Math.round(waitMs * (1 + JITTER * (2 * random() - 1)));
}

const LOCAL_WAITS_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS] as const;

/** The wait after a failure for a local reason (no network, a blocked address): these use up no attempt. */
export function localWaitMs(localFailures: number): number {
  return LOCAL_WAITS_MS[Math.min(localFailures, LOCAL_WAITS_MS.length) - 1] ?? LOCAL_WAITS_MS[0];
}
