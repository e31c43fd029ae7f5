import type { DeliveryLog } from "../delivery/delivery-log";
import type { Outbox } from "../delivery/outbox";
import type { IntegrationLedger } from "../health/integration-ledger";
import type { MailQueue } from "../notify/mail-queue";

/** Settings of a store that every backend understands. */
export interface StoreSettings {
  /** Log entries kept per event type and integration. */
  logSize: number;
  /** Delivered webhooks kept whole per integration, for replay. */
  keepDelivered: number;
  /** How long given-up webhooks are kept whole. */
  retentionDays: number;
  /** Bytes on disk beyond which nothing new is accepted. */
  maxBytes: number;
  /** `"process"` survives the death of the process, `"power"` also a power cut. */
  sync: "process" | "power";
}

/** A file whose content is damaged; the rest goes on. A file may be damaged more than once. */
export interface Damage {
  file: string;
  /** Where it is kept as it was; its own name if it could not be moved yet, and then others may need it there. */
  keptAs: string;
  problem: string;
  /** What is lost by it, and what to do: sentences. */
  consequence: string;
}

/** What a flow author must know of a store's well-being. */
export type StoreCondition =
  | { state: "ok" }
  /** Until the files that were kept aside are gone, or the process ends. In the order in which they were found. */
  | { state: "damaged"; damages: readonly [Damage, ...Damage[]] }
  /** Nothing can be written now; new webhooks are refused until it can. */
  | { state: "unwritable"; problem: string }
  /** `maxBytes` is reached; new webhooks are refused until room is made. */
  | { state: "full"; problem: string };

/** All state of the package, behind one contract, for any backend. */
export interface Store extends Outbox, DeliveryLog, IntegrationLedger, MailQueue {
  condition(): StoreCondition;
  onCondition(listener: (condition: StoreCondition) => void): () => void;
  /** Finishes what is being written and lets go of everything. */
  close(): Promise<void>;
}
