import type { GaveUp } from "../../delivery/attempt";
import {
  type Claims,
  type LanePolicy,
  type LaneReport,
  type NewDelivery,
  NotAcceptedError,
  type Outbox,
  type Settlement,
  type StoredDelivery,
} from "../../delivery/outbox";
import type { SealedIntegration } from "../../integration/integration-spec";
import type { DeliveryLanes } from "./delivery-lanes";
import { type LoadedIntegration, wasSettled } from "./integration-files";
import type { AcceptEntry } from "./journal-entry";
import type { LowdbLedger } from "./lowdb-ledger";
import type { StoreCore } from "./store-core";
import { UnreadableFileError } from "./unreadable-file";
import type { WaitingDelivery } from "./waiting-deliveries";

/** Discarded in one go: whoever claims is told of these before the next are read. */
const DISCARDED_AT_ONCE = 256;

/** Deliveries between accepting and settling: their lanes are in memory, all else is in the journal. */
export class LowdbOutbox implements Outbox {
  readonly #core: StoreCore;
  readonly #lanes: DeliveryLanes;
  readonly #ledger: LowdbLedger;
  /** Accepts that are on their way to the disk, so that a second copy at the same moment waits for the first. */
  readonly #accepting = new Map<string, Promise<void>>();

  constructor(core: StoreCore, lanes: DeliveryLanes, ledger: LowdbLedger) {
    this.#core = core;
    this.#lanes = lanes;
    this.#ledger = ledger;
  }

  async accept(delivery: NewDelivery): Promise<"accepted" | "duplicate"> {
    try {
      return await this.#core.files.use(delivery.integration, (loaded) => this.#accept(delivery, loaded));
    } catch (error) {
      throw error instanceof UnreadableFileError ? this.#notKept(error) : error;
    }
  }

  async claim(limit: number): Promise<Claims> {
    const deliveries = this.#lanes.take(limit, (item, as) => {
      // If the store is closed before this is written, the next start finds the delivery as it was.
      this.#giveUp(item, as).catch(() => undefined);
    });
    return { deliveries, givenUp: this.#lanes.takeGivenUp(), nextDueAt: this.#lanes.nextDueAt() };
  }

  async settle({ integration, id, attempt, next }: Settlement): Promise<void> {
    const item = this.#lanes.find(integration, id);
    if (item === undefined || item.settling) return;
    item.settling = true;
    const { event, kind, generation } = item;
    const at = this.#core.clock.now();
    const network = this.#ledger.meet(integration, attempt, at);
    const settled = { i: integration, at, id, event, kind, generation, attempt, next, network };
    await this.#core.writeForSure({ t: "settle", ...settled });
  }

  async release(deliveries: readonly StoredDelivery[]): Promise<void> {
    for (const { integration, id } of deliveries) this.#lanes.release(integration, id);
  }

  configure(integration: string, policy: LanePolicy | null): void {
    this.#lanes.configure(integration, policy);
  }

  retryLocalFailures(integration: string): void {
    this.#lanes.retryLocalFailures(integration);
  }

  async settings(integration: string): Promise<SealedIntegration | null> {
    return (await this.#core.files.load(integration)).document.settings;
  }

  onClaimable(listener: () => void): () => void {
    return this.#lanes.onChange(listener);
  }

  lanes(): LaneReport[] {
    return this.#lanes.report();
  }

  async discard(integration: string): Promise<number> {
    const lane = this.#lanes.lane(integration);
    const most = lane?.waiting.size ?? 0;
    let taken = 0;
    let count = 0;
    while (taken < most) {
      const items = lane?.takeAll(Math.min(DISCARDED_AT_ONCE, most - taken)) ?? [];
      if (items.length === 0) break;
      // Whoever discards is told of each: what cannot be read now stays.
      const readable = items.filter((item) => this.#lanes.isReadable(item));
      await Promise.all(readable.map((item) => this.#giveUp(item, "discarded")));
      taken += items.length;
      count += readable.length;
    }
    return count;
  }

  async #accept(delivery: NewDelivery, loaded: LoadedIntegration): Promise<"accepted" | "duplicate"> {
    const core = this.#core;
    const { integration, id, kind, event, orderKey, scheme, origin, settings, body } = delivery;
    const key = `${integration}\n${id}`;
    for (let first = this.#accepting.get(key); first !== undefined; first = this.#accepting.get(key)) {
      await first.catch(() => undefined);
    }
    const known = this.#lanes.find(integration, id) !== undefined;
    if (known || (kind === "event" && wasSettled(loaded, id))) return "duplicate";
    const problem = core.refusal();
    if (problem !== null) throw new NotAcceptedError(problem);
    const now = core.clock.now();
    const entry: AcceptEntry = {
      t: "accept",
      i: integration,
      d: {
        integration,
        id,
        kind,
        event,
        orderKey,
        scheme,
        origin,
        generation: loaded.document.state.generation,
        acceptedAt: now,
        attempts: 0,
        localFailures: 0,
        heldMs: 0,
        dueAt: now,
      },
    };
    if (settings !== undefined && !sameSettings(settings, loaded.document.settings)) entry.settings = settings;
    const written = core.write(entry, body);
    this.#accepting.set(key, written);
    try {
      await written;
    } catch (error) {
      throw this.#notKept(error);
    } finally {
      this.#accepting.delete(key);
    }
    return "accepted";
  }

  #notKept(error: unknown): NotAcceptedError {
    const problem = error instanceof Error ? error.message : String(error);
    return new NotAcceptedError(`the webhook could not be kept in ${this.#core.folder}: ${problem}`);
  }

  async #giveUp({ integration, id }: WaitingDelivery, gaveUp: GaveUp): Promise<void> {
    await this.settle({ integration, id, attempt: null, next: { state: "given-up", gaveUp } });
  }
}

function sameSettings(a: SealedIntegration, b: SealedIntegration | null): boolean {
  return b !== null && JSON.stringify(a) === JSON.stringify(b);
}
