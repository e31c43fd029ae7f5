import fs from "node:fs/promises";
import type { ArchivedDelivery, LogEntry } from "../../delivery/delivery-log";
import type { WebhookEventType } from "../../integration/integration-spec";
import type { Clock, Random } from "../../time/clock";
import type { Store, StoreSettings } from "../store";
import { DeliveryLanes } from "./delivery-lanes";
import { archiveLine, newestPerEvent, readArchiveLine, readLogLine, replayable } from "./history-lines";
import { LowdbLedger } from "./lowdb-ledger";
import { LowdbMailQueue } from "./lowdb-mail-queue";
import { LowdbOutbox } from "./lowdb-outbox";
import { lockFolder, type ProcessLock } from "./process-lock";
import { StoreCore } from "./store-core";
import { Upkeep } from "./upkeep";

const LARGEST_SEGMENT_BYTES = 8 * 1_024 * 1_024;
const SMALLEST_SEGMENT_BYTES = 4 * 1_024;

export interface LowdbStoreOptions {
  /** Absolute. */
  path: string;
  settings: StoreSettings;
  clock: Clock;
  random: Random;
}

/** All state in one folder of lowdb files, for one process at a time. */
export class LowdbStore implements Store {
  readonly #lock: ProcessLock;
  readonly #core: StoreCore;
  readonly #lanes: DeliveryLanes;
  readonly #outbox: LowdbOutbox;
  readonly #ledger: LowdbLedger;
  readonly #mails: LowdbMailQueue;
  readonly #upkeep: Upkeep;

  private constructor(lock: ProcessLock, core: StoreCore, random: Random) {
    this.#lock = lock;
    this.#core = core;
    this.#lanes = new DeliveryLanes(core, random);
    this.#ledger = new LowdbLedger(core);
    this.#outbox = new LowdbOutbox(core, this.#lanes, this.#ledger);
    this.#mails = new LowdbMailQueue(core);
    this.#upkeep = new Upkeep(core, this.#lanes);
  }

  /**
   * Opens the store in a folder, made if it is not there. Rejects with StoreLockedError if another process has it, and
   * with UnreadableFileError if a file of it cannot be read now: nothing is lost then, and it can be tried again.
   */
  static async open({ path: folder, settings, clock, random }: LowdbStoreOptions): Promise<LowdbStore> {
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await lockFolder(folder);
    try {
      // lowdb is an ES module: a CommonJS one can only import it so.
      const { Low: lowdb } = await import("lowdb");
      const segmentBytes = Math.max(SMALLEST_SEGMENT_BYTES, Math.min(LARGEST_SEGMENT_BYTES, settings.maxBytes / 16));
      const core = new StoreCore({ folder, settings, clock, lowdb, segmentBytes });
      const store = new LowdbStore(lock, core, random);
      await store.#begin().catch(async (error: unknown) => {
        await core.close();
        throw error;
      });
      return store;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await this.#core.begin({
      applied: (entry, position, body) => {
        this.#lanes.applied(entry, position, body);
        this.#ledger.applied(entry);
        if (entry.t === "transition") this.#upkeep.soon();
      },
      replayed: (entry, position, isNew) => {
        this.#lanes.replayed(entry, position, isNew);
        this.#ledger.replayed(entry);
      },
      pressed: () => this.#upkeep.soon(),
    });
    this.#lanes.begin();
    this.#upkeep.soon();
  }

  accept: Store["accept"] = (delivery) => this.#outbox.accept(delivery);
  claim: Store["claim"] = (limit) =>
    this.#upkeep.isBehind ? this.#upkeep.catchUp().then(() => this.#outbox.claim(limit)) : this.#outbox.claim(limit);
  settle: Store["settle"] = (settlement) => this.#outbox.settle(settlement);
  release: Store["release"] = (deliveries) => this.#outbox.release(deliveries);
  configure: Store["configure"] = (integration, policy) => this.#outbox.configure(integration, policy);
  retryLocalFailures: Store["retryLocalFailures"] = (integration) => this.#outbox.retryLocalFailures(integration);
  settings: Store["settings"] = (integration) => this.#outbox.settings(integration);
  onClaimable: Store["onClaimable"] = (listener) => this.#outbox.onClaimable(listener);
  lanes: Store["lanes"] = () => this.#outbox.lanes();
  discard: Store["discard"] = (integration) => this.#outbox.discard(integration);

  state: Store["state"] = (integration) => this.#ledger.state(integration);
  integrations: Store["integrations"] = () => this.#ledger.integrations();
  countForeign: Store["countForeign"] = (attempt) => this.#ledger.countForeign(attempt);
  transition: Store["transition"] = (integration, revision, transition) =>
    this.#ledger.transition(integration, revision, transition);
  onTransition: Store["onTransition"] = (listener) => this.#ledger.onTransition(listener);
  unclaimedTransitions: Store["unclaimedTransitions"] = (node) => this.#ledger.unclaimedTransitions(node);
  reach: Store["reach"] = () => this.#ledger.reach();

  queueNotices: Store["queueNotices"] = (notices, transition) => this.#mails.queueNotices(notices, transition);
  queuedNotices: Store["queuedNotices"] = (node) => this.#mails.queuedNotices(node);
  settleNotices: Store["settleNotices"] = (claims, result) => this.#mails.settleNotices(claims, result);

  condition: Store["condition"] = () => this.#core.condition.now();
  onCondition: Store["onCondition"] = (listener) => this.#core.condition.listen(listener);

  async log(integration: string, event?: WebhookEventType): Promise<LogEntry[]> {
    const { files, journal, settings } = this.#core;
    const loaded = await files.load(integration);
    // First what only the journal has: it may be in the file, too, by the time that is read, and is told once.
    const pending = [...loaded.pendingLog.values()].flat().sort((a, b) => a.segment - b.segment || a.offset - b.offset);
    const recent = pending.map((position) => journal.read(position));
    const entries = [...(await loaded.log.read(readLogLine)), ...recent.flatMap((line) => readLogLine(line) ?? [])];
    const newest = newestPerEvent(entries, settings.logSize);
    return event === undefined ? newest : newest.filter((entry) => entry.event === event);
  }

  async archive(integration: string): Promise<ArchivedDelivery[]> {
    const { files, journal, settings, clock } = this.#core;
    const loaded = await files.load(integration);
    const recent = loaded.pendingArchive.map(({ position, settledAt, gaveUp }) =>
      archiveLine(settledAt, gaveUp, journal.read(position)),
    );
    const before = await loaded.archive.read(readArchiveLine);
    const archived = [...before, ...recent.flatMap((line) => readArchiveLine(line) ?? [])];
    return replayable(archived, settings, clock.now()).reverse();
  }

  async close(): Promise<void> {
    try {
      await this.#core.finishWriting();
      await this.#upkeep.finish();
    } catch {
      // The files could not be written: the journal has it all, and the next start reads it.
    } finally {
      this.#lanes.close();
      await this.#core.close();
      await this.#lock.release();
    }
  }
}
