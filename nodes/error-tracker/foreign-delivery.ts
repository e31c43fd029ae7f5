import type { DeliveryMessage } from "../host/delivery-message";
import type { ForeignAttempt } from "../lib/health/integration-ledger";

/** `msg.delivery` of an attempt by another sender, which knows of no retries. */
export function foreignDelivery(attempt: ForeignAttempt, generation: number): DeliveryMessage {
  const { integration: _, startedAt, ...rest } = attempt;
  return {
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    kind: "event",
    generation,
    gaveUp: null,
    attempt: 1,
    maxAttempts: 1,
    nextAttemptAt: null,
  };
}
