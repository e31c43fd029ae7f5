import type { RetryPlan } from "../integration/integration-spec";
import type { Random } from "../time/clock";
import type { Next, StoredDelivery } from "./outbox";
import { localWaitMs, maxAttempts, retryWaitsMs, withJitter } from "./retry-schedule";
import type { TransportResult } from "./transport";

/** Client errors that are worth another try under every plan: time-out, too early, too many requests. */
const RETRYABLE_4XX = new Set([408, 425, 429]);

export interface NextStepInput {
  delivery: Pick<StoredDelivery, "kind" | "acceptedAt" | "heldMs" | "attempts" | "localFailures">;
  result: Pick<TransportResult, "outcome" | "statusCode" | "abortMessage" | "retryAfterMs">;
  plan: RetryPlan;
  maxAgeMs: number;
  now: number;
  random: Random;
}

/** What becomes of a delivery after an attempt (DESIGN 4). Pure. */
export function nextStep({ delivery, result, plan, maxAgeMs, now, random }: NextStepInput): Next {
  if (result.outcome === "success") return { state: "delivered" };
  if (result.outcome === "fatal") return { state: "given-up", gaveUp: "gone" };
  if (result.abortMessage) return { state: "given-up", gaveUp: "aborted" };
  if (delivery.kind === "test" || maxAttempts(plan) === 1) return { state: "given-up", gaveUp: "exhausted" };

  let waitMs: number;
  if (result.outcome === null) {
    waitMs = localWaitMs(delivery.localFailures + 1);
  } else {
    if (plan === "sentry" && isClientError(result.statusCode) && !RETRYABLE_4XX.has(result.statusCode)) {
      return { state: "given-up", gaveUp: "not-retryable" };
    }
    const made = delivery.attempts + 1;
    if (made >= maxAttempts(plan)) return { state: "given-up", gaveUp: "exhausted" };
    waitMs = retryWaitsMs(plan)[made - 1] ?? 0;
  }
  const at = now + Math.max(withJitter(waitMs, random), result.retryAfterMs ?? 0);
  if (at - delivery.acceptedAt - delivery.heldMs > maxAgeMs) return { state: "given-up", gaveUp: "expired" };
  return { state: "retry", at };
}

function isClientError(statusCode: number): boolean {
  return statusCode >= 400 && statusCode < 500;
}
