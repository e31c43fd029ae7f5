import type { WebhookEventType } from "../integration/integration-spec";
import type { Attempt, DeliveryKind, GaveUp } from "./attempt";
import type { StoredDelivery } from "./outbox";

/** An attempt as the log shows it. */
export interface LogEntry extends Attempt {
  integration: string;
  /** The webhook's id. */
  webhook: string;
  event: WebhookEventType;
  kind: DeliveryKind;
  /** Null unless this attempt was the last. */
  gaveUp: GaveUp | null;
}

/** A settled delivery, whole, for replay. */
export interface ArchivedDelivery {
  delivery: StoredDelivery;
  settledAt: number;
  /** Null if it was delivered. */
  gaveUp: GaveUp | null;
}

export interface DeliveryLog {
  /** The last `logSize` attempts per event type, newest first. */
  log(integration: string, event?: WebhookEventType): Promise<LogEntry[]>;
  /** What can be replayed, newest first. */
  archive(integration: string): Promise<ArchivedDelivery[]>;
}
