import type { Scheme, SealedIntegration, WebhookEventType } from "../integration/integration-spec";
import type { Attempt, DeliveryKind, GaveUp, LocalReason } from "./attempt";

/** What of the accepted message must come back with every outcome. JSON only. */
export interface Origin {
  /** Id of the node that accepted the message; its ports are used again. */
  node: string;
  msgid: string;
  topic?: unknown;
  parts?: unknown;
  /** Message properties named in the node's `carry`. */
  carry?: Readonly<Record<string, unknown>>;
}

/** A webhook that is to be kept until it is delivered or given up. */
export interface NewDelivery {
  integration: string;
  /** The webhook's id. */
  id: string;
  kind: DeliveryKind;
  event: WebhookEventType;
  orderKey: string;
  scheme: Scheme;
  /** The bytes that will be signed and sent, as text. */
  body: string;
  origin: Origin;
  /** For integrations given in messages: replaces what the store had. */
  settings?: SealedIntegration;
}

/** A delivery as the store keeps it. */
export interface StoredDelivery extends Omit<NewDelivery, "settings"> {
  /** The integration's generation when the delivery was last claimed: the one that its answer counts for. */
  generation: number;
  acceptedAt: number;
  /** Attempts made so far, without those that failed for a local reason. */
  attempts: number;
  /** Failures for a local reason in a row since the last real attempt. */
  localFailures: number;
  /** Time for which the delivery was held while its integration was disabled; its age stands still meanwhile. */
  heldMs: number;
}

/** What becomes of a delivery after an attempt. */
export type Next = { state: "retry"; at: number } | { state: "delivered" } | { state: "given-up"; gaveUp: GaveUp };

export interface Settlement {
  integration: string;
  id: string;
  /** Null when the delivery is given up without an attempt. */
  attempt: Attempt | null;
  next: Next;
}

/** What a lane may do. Read from the integration's settings each time they change. */
export interface LanePolicy {
  ordered: boolean;
  concurrency: number;
  /** Attempts per second; 0 means no limit. */
  rate: number;
  /** Whether failures in a row pause the lane. */
  pauses: boolean;
  whenDisabled: "hold" | "drop";
  holdLimit: number;
  holdMs: number;
  maxAgeMs: number;
}

export interface Claims {
  deliveries: StoredDelivery[];
  /**
   * Deliveries that the store gave up by itself since the last claim (too old, held too long, dropped): already settled
   * on disk, handed out once so that they leave through port 3.
   */
  givenUp: GivenUp[];
  /** When something will be due next by the clock, or null. */
  nextDueAt: number | null;
}

export interface GivenUp {
  delivery: StoredDelivery;
  gaveUp: GaveUp;
}

/** Whether a lane sends, and why not. */
export type LaneState =
  | { state: "open" }
  | { state: "paused"; until: number; failures: number }
  | { state: "held" }
  | { state: "unconfigured" };

export interface LaneReport {
  integration: string;
  lane: LaneState;
  /** Deliveries accepted and not settled. */
  waiting: number;
  inFlight: number;
  /** Why the last attempt could not be made, if that was for a reason on our side. */
  localReason: LocalReason | null;
}

/**
 * Deliveries between accepting and settling. Lanes, order, rate, pauses and holding are decided in `claim`, so that a
 * store for several processes can decide them for all.
 */
export interface Outbox {
  /**
   * Keeps a delivery. Resolves when it survives the death of the process; `"duplicate"` if (integration, id) is known.
   * Rejects with {@link NotAcceptedError} if it cannot be kept: then nothing was.
   */
  accept(delivery: NewDelivery): Promise<"accepted" | "duplicate">;
  /** Takes at most `limit` deliveries that may leave now. A claimed delivery is the caller's until `settle` or `release`. */
  claim(limit: number): Promise<Claims>;
  /** Records the attempt, counts it once, and moves the delivery on. Resolves when that survives the death of the process. */
  settle(settlement: Settlement): Promise<void>;
  /** Gives claimed deliveries back without an attempt. */
  release(deliveries: readonly StoredDelivery[]): Promise<void>;
  /**
   * Sets what an integration's lane may do; it need not have one yet. Null forgets that: then the settings last accepted with
   * a delivery say it, and a lane without any is closed; what waits in it keeps waiting.
   */
  configure(integration: string, policy: LanePolicy | null): void;
  /** Makes due at once what failed last for a reason on our side: the cause may be gone. New `settings` do the same. */
  retryLocalFailures(integration: string): void;
  /** The settings last accepted with a delivery for an integration given in messages, or null. */
  settings(integration: string): Promise<SealedIntegration | null>;
  /** Calls `listener` whenever a claim may succeed that did not before. Returns the function that stops it. */
  onClaimable(listener: () => void): () => void;
  lanes(): LaneReport[];
  /** Gives up what waits for an integration as `"discarded"`; resolves with how many. */
  discard(integration: string): Promise<number>;
}

/** The store could not keep a webhook. Nothing of it was kept; the sender still has it. */
export class NotAcceptedError extends Error {
  override readonly name = "NotAcceptedError";
}
