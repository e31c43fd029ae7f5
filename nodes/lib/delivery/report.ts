import type { Attempt, GaveUp } from "./attempt";
import type { StoredDelivery } from "./outbox";

/** What webhook-send tells of a delivery: one per port and message. */
export interface DeliveryReport {
  result: "delivered" | "retrying" | "given-up";
  delivery: StoredDelivery;
  /** Null when the delivery was given up without an attempt. */
  attempt: Attempt | null;
  gaveUp: GaveUp | null;
  maxAttempts: number;
  /** ms, or null. */
  nextAttemptAt: number | null;
}
