import fs from "node:fs/promises";
import path from "node:path";
import { MINUTE_MS } from "../../time/utc-day";
import { checkpointIntegration, checkpointNotifications } from "./checkpoint";
import type { LowdbOutbox } from "./lowdb-outbox";
import type { StoreCore } from "./store-core";

const MB = 1_024 * 1_024;
/** The journal may grow to this, or to twice what waits in it, before old segments go. */
const JOURNAL_BYTES = 32 * MB;
/** Integrations without work leave memory this long after their last. */
const IDLE_MS = MINUTE_MS;
/** More than this many in memory are written to their files and let go sooner. */
const MOST_LOADED = 2_000;

/**
 * Keeps the journal and memory bounded: writes integrations' files so that old segments can go, moves deliveries that
 * still wait out of them, and lets go of integrations that have nothing to do. Works only when something was written.
 */
export class Upkeep {
  readonly #core: StoreCore;
  readonly #outbox: LowdbOutbox;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(core: StoreCore, outbox: LowdbOutbox) {
    this.#core = core;
    this.#outbox = outbox;
  }

  /** Works soon; a call while it works makes it work once more. */
  soon(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Waits for the work under way, then writes all that only the journal has. */
  async finish(): Promise<void> {
    await this.#running;
    await this.#checkpointThrough(Number.POSITIVE_INFINITY);
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#shrinkJournal();
        await this.#shrinkMemory();
        this.#core.fileBytes = await folderBytes(path.join(this.#core.folder, "integrations"));
      } catch {
        // The disk is full or gone: the journal's own writes say so, and the next segment tries again.
      }
    }
  }

  async #shrinkJournal(): Promise<void> {
    const { journal, settings } = this.#core;
    const most = Math.min(JOURNAL_BYTES, settings.maxBytes / 4);
    while (journal.oldest !== null && journal.bytes > Math.max(most, 2 * this.#outbox.liveBytes)) {
      const { oldest } = journal;
      await this.#checkpointThrough(oldest);
      await this.#outbox.moveOutOf(oldest);
      journal.dropOldest();
      if (journal.oldest === oldest) return;
    }
  }

  /** Writes what needs the journal's segments up to `segment`. */
  async #checkpointThrough(segment: number): Promise<void> {
    const core = this.#core;
    let wrote = false;
    for (const loaded of core.files.loaded()) {
      if (loaded.needs === null || loaded.needs > segment) continue;
      await checkpointIntegration(core, loaded);
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
      if (this.#outbox.hasWork(integration)) continue;
      const crowded = core.files.size > MOST_LOADED;
      if (loaded.needs !== null) {
        if (!crowded) continue;
        await checkpointIntegration(core, loaded);
        wrote = true;
      } else if (!crowded && loaded.lastUsedAt > idleSince) {
        continue;
      }
      // Something may have come while its file was written.
      if (loaded.needs !== null || this.#outbox.hasWork(integration)) continue;
      core.files.unload(integration);
      this.#outbox.forget(integration);
    }
    if (wrote) await checkpointNotifications(core);
  }
}

async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await fs.readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) sum += await folderBytes(inside);
    else sum += (await fs.stat(inside).catch(() => ({ size: 0 }))).size;
  }
  return sum;
}
