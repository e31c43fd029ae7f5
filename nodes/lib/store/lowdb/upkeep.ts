import path from "node:path";
import { MINUTE_MS } from "../../time/utc-day";
import { shrinkArchives } from "./archive-budget";
import { checkpointIntegration, checkpointNotifications } from "./checkpoint";
import type { DeliveryLanes } from "./delivery-lanes";
import { moveOutOf } from "./move-out";
import type { StoreCore } from "./store-core";

const MB = 1_024 * 1_024;
/** The journal may grow to this, or to twice what waits in it, before old segments go. */
const JOURNAL_BYTES = 32 * MB;
/** When so much of `maxBytes` is used, even a little that is no longer needed goes. */
const TIGHT_SHARE = 0.8;
const SPARE_SHARE_WHEN_TIGHT = 1.1;
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
    });
  }

  /** Waits for the work under way, then writes all that only the journal has; works no more after that. */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#checkpointThrough(Number.POSITIVE_INFINITY);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#shrinkJournal();
        await this.#shrinkMemory();
        await this.#shrinkArchives();
        this.#core.lookForRoom();
      } catch {
        // The disk is full or gone: the journal's own writes say so, and the next segment tries again.
      }
    }
  }

  async #shrinkJournal(): Promise<void> {
    const core = this.#core;
    const { journal } = core;
    while (!this.#stopped && journal.oldest !== null && journal.bytes > this.#journalMayHave()) {
      const { oldest } = journal;
      // First what waits: what is settled meanwhile then stands in a later segment, or is found by the checkpoint.
      if (!(await moveOutOf(oldest, core, this.#lanes))) return;
      await this.#checkpointThrough(oldest);
      journal.dropOldest();
      if (journal.oldest === oldest) return;
    }
  }

  #journalMayHave(): number {
    const { settings, bytes } = this.#core;
    const share = bytes > TIGHT_SHARE * settings.maxBytes ? SPARE_SHARE_WHEN_TIGHT : 2;
    return Math.max(Math.min(JOURNAL_BYTES, settings.maxBytes / 4), share * this.#lanes.liveBytes);
  }

  /** Writes what needs the journal's segments up to `segment`. */
  async #checkpointThrough(segment: number): Promise<void> {
    const core = this.#core;
    let wrote = false;
    for (const loaded of core.files.loaded()) {
      if (loaded.needs === null || loaded.needs > segment) continue;
      await checkpointIntegration(core, loaded);
      this.#uncounted = true;
      wrote = true;
    }
    const { needs } = core.notifications;
    // After the integrations, so that it knows a number at least as high as any of theirs.
    if (wrote || (needs !== null && needs <= segment)) await checkpointNotifications(core);
  }

  async #shrinkMemory(): Promise<void> {
    const core = this.#core;
    const idleSince = core.clock.now() - IDLE_MS;
    const byAge = [...core.files.loaded()].sort((a, b) => a.lastUsedAt - b.lastUsedAt);
    let wrote = false;
    for (const loaded of byAge) {
      const { integration } = loaded.document.state;
      if (this.#stopped) break;
      if (this.#lanes.hasWork(integration)) continue;
      const crowded = core.files.size > MOST_LOADED;
      if (loaded.needs !== null) {
        if (!crowded) continue;
        await checkpointIntegration(core, loaded);
        this.#uncounted = true;
        wrote = true;
      } else if (!crowded && loaded.lastUsedAt > idleSince) {
        continue;
      }
      // Something may have come while its file was written.
      if (loaded.needs !== null || loaded.users > 0 || this.#lanes.hasWork(integration)) continue;
      core.files.unload(integration);
      this.#lanes.forget(integration);
    }
    if (wrote) await checkpointNotifications(core);
  }

  async #shrinkArchives(): Promise<void> {
    if (!this.#uncounted) return;
    const { folder, settings } = this.#core;
    this.#core.fileBytes = await shrinkArchives(path.join(folder, "integrations"), settings.maxBytes / 2);
    this.#uncounted = false;
  }
}
