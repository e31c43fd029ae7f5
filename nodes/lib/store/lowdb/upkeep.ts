import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MINUTE_MS } from "../../time/utc-day";
import { shrinkArchives } from "./archive-budget";
import { archiveBytes, checkpointIntegration, checkpointNotifications } from "./checkpoint";
import type { DeliveryLanes } from "./delivery-lanes";
import { keepStatus, type LoadedIntegration, NOT_IN_JOURNAL } from "./integration-files";
import { moveOutOf } from "./move-out";
import type { StoreCore } from "./store-core";

const MB = 1_024 * 1_024;
/** The journal may grow to this, or to twice what waits in it, before old segments go. */
const JOURNAL_BYTES = 64 * MB;
/** Then it shrinks to so much of that, since each time the files of all integrations in it are written. */
const SHRINKS_TO_SHARE = 0.25;
/** When so much of `maxBytes` is used, even a little that is no longer needed goes. */
const TIGHT_SHARE = 0.8;
const SPARE_SHARE_WHEN_TIGHT = 1.1;
/** Integrations' files may take so much of `maxBytes`; beyond that archives are cut down. */
const FILES_SHARE = 0.25;
/** At so much of `maxBytes` deliveries wait for room to be made, since what comes of them is written in any case. */
const BEHIND_SHARE = 1.2;
/** What waits for the disk to have it waits together; what goes to the kernel does so one integration per turn. */
const CHECKPOINTS_AT_ONCE = { power: 8, process: 1 };
const MOST_AT_CLOSE = 500;
/** Integrations without work leave memory this long after their last. */
const IDLE_MS = MINUTE_MS;
/** More than this many in memory are written to their files and let go sooner. */
const MOST_LOADED = 2_000;

/**
 * Keeps the journal, the archives and memory bounded: writes integrations' files so that old segments can go, moves
 * deliveries that still wait out of them, and lets go of integrations that have nothing to do. Works only when something
 * was written.
 */
export class Upkeep {
  readonly #core: StoreCore;
  readonly #lanes: DeliveryLanes;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;
  /** To be called when the present round of work ends. */
  #awaited: (() => void)[] = [];
  /** Files of integrations were written since their bytes were counted. */
  #uncounted = true;

  constructor(core: StoreCore, lanes: DeliveryLanes) {
    this.#core = core;
    this.#lanes = lanes;
  }

  /** Works soon; a call while it works makes it work once more. */
  soon(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Asked after it had looked for the last time.
      if (this.#again) this.soon();
    });
  }

  /** So much more than `maxBytes` is used that no work may be added before some was done here. */
  get isBehind(): boolean {
    const { bytes, settings } = this.#core;
    return bytes > BEHIND_SHARE * settings.maxBytes && !this.#stopped;
  }

  /** Resolves when a round of work has ended. */
  async catchUp(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#awaited.push(resolve);
      this.soon();
    });
  }

  /**
   * Waits for the work under way and works no more after that. Few files are brought up to date, so that there is little to
   * read at the next start; many would take longer than a process is given to end, and the journal has it all.
   */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    const due = Array.from(this.#core.files.loaded()).filter(({ needs }) => needs !== null);
    if (due.length <= MOST_AT_CLOSE) await this.#checkpointThrough(Number.POSITIVE_INFINITY);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#keepStatuses();
        await this.#shrinkJournal();
        await this.#shrinkMemory();
        await this.#shrinkArchives();
        this.#core.lookForRoom();
      } catch {
        // The disk is full or gone: the journal's own writes say so, and the next segment tries again.
      }
      for (const resolve of this.#awaited.splice(0)) resolve();
    }
  }

  /** What a transition changed must survive damage to the journal, and what was set right after damage a crash. */
  async #keepStatuses(): Promise<void> {
    for (const loaded of this.#core.files.loaded()) {
      if (loaded.statusCopy !== "urgent") continue;
      await keepStatus(loaded);
      await nextTurn();
    }
    await this.#checkpointThrough(NOT_IN_JOURNAL);
  }

  async #shrinkJournal(): Promise<void> {
    const core = this.#core;
    const { journal } = core;
    if (journal.bytes <= this.#journalMayHave(1)) return;
    // What was accepted just now is in the journal, but does not wait before all of its write is on disk.
    await core.finishWriting();
    if (journal.bytes <= this.#journalMayHave(1)) return;
    while (!this.#stopped && journal.oldest !== null && journal.bytes > this.#journalMayHave(SHRINKS_TO_SHARE)) {
      const { oldest } = journal;
      // First what waits: what is settled meanwhile then stands in a later segment, or is found by the checkpoint.
      if (!(await moveOutOf(oldest, core, this.#lanes))) return;
      await this.#checkpointThrough(oldest);
      await journal.dropOldest();
      if (journal.oldest === oldest) return;
    }
  }

  /** @param share of the bytes that a journal may have in which little waits */
  #journalMayHave(share: number): number {
    const { settings, bytes } = this.#core;
    const perLiveByte = bytes > TIGHT_SHARE * settings.maxBytes ? SPARE_SHARE_WHEN_TIGHT : 2;
    return Math.max(share * Math.min(JOURNAL_BYTES, settings.maxBytes / 4), perLiveByte * this.#lanes.liveBytes);
  }

  /** Writes what needs the journal's segments up to `segment`. */
  async #checkpointThrough(segment: number): Promise<void> {
    const core = this.#core;
    const due = Array.from(core.files.loaded()).filter(({ needs }) => needs !== null && needs <= segment);
    await this.#checkpoint(due);
    const { needs } = core.notifications;
    if (due.length === 0 && needs !== null && needs <= segment) await checkpointNotifications(core);
  }

  /** Writes the files of integrations; what is being delivered has its turns meanwhile. */
  async #checkpoint(due: readonly LoadedIntegration[]): Promise<void> {
    if (due.length === 0) return;
    this.#uncounted = true;
    const sharedOut = await this.#makeRoomForArchives(due);
    const next = due.values();
    const write = async () => {
      for (const loaded of next) {
        await checkpointIntegration(this.#core, loaded, sharedOut(loaded));
        await nextTurn();
      }
    };
    const atOnce = CHECKPOINTS_AT_ONCE[this.#core.settings.sync];
    const ends = await Promise.allSettled(Array.from({ length: atOnce }, write));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    // After the integrations, so that it knows a number at least as high as any of theirs.
    await checkpointNotifications(this.#core);
  }

  /** Makes room for what comes into archives now. Returns how many bytes of it each integration has. */
  async #makeRoomForArchives(due: readonly LoadedIntegration[]): Promise<(loaded: LoadedIntegration) => number> {
    const { settings, fileBytes } = this.#core;
    const bytes = new Map(due.map((loaded) => [loaded, archiveBytes(loaded, settings)]));
    const sum = Array.from(bytes.values()).reduce((total, each) => total + each, 0);
    const room = Math.min(sum, this.#mostFileBytes / 2);
    if (fileBytes + room > this.#mostFileBytes) await this.#shrinkArchivesTo(this.#mostFileBytes - room);
    const share = room < sum ? room / sum : 1;
    return (loaded) => (bytes.get(loaded) ?? 0) * share;
  }

  async #shrinkMemory(): Promise<void> {
    const { files, clock } = this.#core;
    const idleSince = clock.now() - IDLE_MS;
    const idle = Array.from(files.loaded())
      .filter((loaded) => this.#isIdle(loaded))
      .sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    const surplus = idle.slice(0, Math.max(0, files.size - MOST_LOADED));
    await this.#checkpoint(surplus.filter(({ needs }) => needs !== null));
    // Something may have come while files were written.
    for (const loaded of [...surplus, ...idle.filter(({ lastUsedAt }) => lastUsedAt <= idleSince)]) {
      if (loaded.needs !== null || !this.#isIdle(loaded)) continue;
      const { integration } = loaded.document.state;
      files.unload(integration);
      this.#lanes.forget(integration);
    }
  }

  #isIdle({ users, document }: LoadedIntegration): boolean {
    return users === 0 && !this.#lanes.hasWork(document.state.integration);
  }

  async #shrinkArchives(): Promise<void> {
    if (!this.#uncounted) return;
    await this.#shrinkArchivesTo(this.#mostFileBytes);
    this.#uncounted = false;
  }

  async #shrinkArchivesTo(bytes: number): Promise<void> {
    const { folder, settings } = this.#core;
    const integrations = path.join(folder, "integrations");
    this.#core.fileBytes = await shrinkArchives(integrations, bytes, settings.sync === "power");
  }

  get #mostFileBytes(): number {
    return this.#core.settings.maxBytes * FILES_SHARE;
  }
}
