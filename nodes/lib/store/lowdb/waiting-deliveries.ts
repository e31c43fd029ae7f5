import type { LaneItem } from "../../delivery/lane";
import type { StoredDelivery } from "../../delivery/outbox";
import type { WebhookEventType } from "../../integration/integration-spec";
import type { Position } from "./journal";
import { type AcceptEntry, type DeliveryHead, decodeLine } from "./journal-entry";
import type { StoreCore } from "./store-core";

/** What is in memory of a delivery that waits; the rest stands in the journal. */
export interface WaitingDelivery extends LaneItem {
  readonly integration: string;
  readonly event: WebhookEventType;
  /** Number of the journal entry that accepted it: deliveries leave in this order. */
  readonly sequence: number;
  position: Position;
  attempts: number;
  localFailures: number;
  /** The integration's generation when it was last claimed: what its answer counts for. */
  generation: number;
  /** A settlement is on its way to the disk. */
  settling: boolean;
  /** The whole delivery, while it is claimed or young. */
  whole: StoredDelivery | null;
}

/** Whole deliveries kept in memory, so that a young one need not be read back. */
const WHOLE_BYTES = 4 * 1_024 * 1_024;

/** Keeps the whole of a few deliveries at hand and reads that of the others from the journal. */
export class WaitingDeliveries {
  #wholeBytes = 0;
  #liveBytes = 0;

  readonly #core: Pick<StoreCore, "journal">;

  constructor(core: Pick<StoreCore, "journal">) {
    this.#core = core;
  }

  /** Bytes of the journal that deliveries still wait in. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  /** @param body null if it is to be read when it is needed */
  make(
    { n, d: head, sequence = n }: AcceptEntry & { n: number },
    position: Position,
    body: string | null,
  ): WaitingDelivery {
    this.#liveBytes += position.length;
    const item: WaitingDelivery = {
      id: head.id,
      orderKey: head.orderKey,
      kind: head.kind,
      integration: head.integration,
      event: head.event,
      sequence,
      acceptedAt: head.acceptedAt,
      heldMs: head.heldMs,
      dueAt: head.dueAt,
      place: "blocked",
      position,
      attempts: head.attempts,
      localFailures: head.localFailures,
      generation: head.generation,
      settling: false,
      whole: null,
    };
    if (body !== null && this.#wholeBytes + position.length <= WHOLE_BYTES) {
      item.whole = wholeOf(head, body);
      this.#wholeBytes += position.length;
    }
    return item;
  }

  moved(item: WaitingDelivery, position: Position): void {
    this.#liveBytes += position.length - item.position.length;
    if (item.whole !== null) this.#wholeBytes += position.length - item.position.length;
    item.position = position;
  }

  gone(item: WaitingDelivery): void {
    this.#liveBytes -= item.position.length;
    this.forgetWhole(item);
  }

  forgetWhole(item: WaitingDelivery): void {
    if (item.whole === null) return;
    item.whole = null;
    this.#wholeBytes -= item.position.length;
  }

  /** The whole delivery as it stands now. Reads it if need be; throws if the journal no longer has it. */
  whole(item: WaitingDelivery): StoredDelivery {
    if (item.whole === null) {
      item.whole = this.#read(item);
      this.#wholeBytes += item.position.length;
    }
    const { whole } = item;
    whole.attempts = item.attempts;
    whole.localFailures = item.localFailures;
    whole.generation = item.generation;
    whole.heldMs = item.heldMs;
    return whole;
  }

  #read(item: WaitingDelivery): StoredDelivery {
    const { entry, body } = decodeLine(this.#core.journal.read(item.position));
    if (entry.t !== "accept" && entry.t !== "keep") throw new Error("the journal has something else in its place");
    return wholeOf(entry.d, body);
  }
}

/** Without `dueAt`. Each property by its name: to copy all but one takes ten times as long. */
function wholeOf(head: DeliveryHead, body: string): StoredDelivery {
  return {
    integration: head.integration,
    id: head.id,
    kind: head.kind,
    event: head.event,
    orderKey: head.orderKey,
    scheme: head.scheme,
    body,
    origin: head.origin,
    generation: head.generation,
    acceptedAt: head.acceptedAt,
    attempts: head.attempts,
    localFailures: head.localFailures,
    heldMs: head.heldMs,
  };
}
