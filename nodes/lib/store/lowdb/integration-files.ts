import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import type { Low } from "lowdb";
import { AtMost } from "../../delivery/at-most";
import type { GaveUp } from "../../delivery/attempt";
import type { WebhookEventType } from "../../integration/integration-spec";
import type { Clock } from "../../time/clock";
import type { Damage, StoreSettings } from "../store";
import { ARCHIVE_FILE, HistoryFile, LOG_FILE } from "./history-file";
import { type IntegrationDocument, isIntegrationDocument, markOf } from "./integration-document";
import type { Position } from "./journal";
import type { NumberedEntry } from "./journal-entry";
import { ReplacedFile } from "./replaced-file";
import { isStatusCopy, type StatusCopy, statusCopyOf } from "./status-copy";
import { readIntegration, type StateFiles, type StoredIntegration, setRight } from "./stored-integration";

const READABLE_CHARACTERS = 40;
/** Of as many integrations the files are read at the same time: a process may open only so many. */
const READ_AT_ONCE = 32;
/** Instead of a segment: what is in memory can be rebuilt from none, and is to be written soon. */
export const NOT_IN_JOURNAL = 0;

/** A folder name for any id: readable, the same on file systems that fold case, never two ids in one folder. */
export function folderName(id: string): string {
  const readable = id
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "_")
    .slice(0, READABLE_CHARACTERS);
  return `${readable}-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

/** A settled delivery that the journal still has. */
export interface PendingArchive {
  /** Where its accept line stands. */
  position: Position;
  settledAt: number;
  gaveUp: GaveUp | null;
}

/** What is in memory of one integration. */
export interface LoadedIntegration {
  document: IntegrationDocument;
  settledMarks: Set<string>;
  low: Low<IntegrationDocument>;
  status: ReplacedFile<StatusCopy>;
  /** Whether `status` holds the status as it is; urgent if it must soon. */
  statusCopy: "kept" | "outdated" | "urgent";
  log: HistoryFile;
  archive: HistoryFile;
  /** Log lines that stand only in the journal, oldest first, per event type. */
  pendingLog: Map<WebhookEventType, Position[]>;
  pendingArchive: PendingArchive[];
  /** The oldest journal segment that is still needed to rebuild what is in memory; null if the files have it all. */
  needs: number | null;
  lastUsedAt: number;
  /** Work that needs it in memory. */
  users: number;
  /** A transition is on its way to the disk. */
  changing: boolean;
}

export interface IntegrationFilesOptions {
  folder: string;
  durable: boolean;
  clock: Clock;
  lowdb: typeof Low;
  onDamage: (damage: Damage) => void;
  /** A damaged file was moved; called before or after `onDamage`. */
  onKeptAside: (file: string, keptAs: string) => void;
  onLoad: (document: IntegrationDocument) => void;
}

/** One folder per integration, loaded when it is needed and let go when it is not. */
export class IntegrationFiles {
  readonly #options: IntegrationFilesOptions;
  readonly #loaded = new Map<string, LoadedIntegration>();
  readonly #loading = new Map<string, Promise<LoadedIntegration>>();
  readonly #reading = new AtMost(READ_AT_ONCE);
  #whenReplayed: (() => Promise<void>)[] | null = [];

  constructor(options: IntegrationFilesOptions) {
    this.#options = options;
  }

  /** To be called when all of the journal has been applied to the documents. */
  async replayed(): Promise<void> {
    const waiting = this.#whenReplayed ?? [];
    this.#whenReplayed = null;
    for (const setRight of waiting) await setRight();
  }

  /** The integration if it is in memory. */
  peek(integration: string): LoadedIntegration | undefined {
    return this.#loaded.get(integration);
  }

  loaded(): Iterable<LoadedIntegration> {
    return this.#loaded.values();
  }

  get size(): number {
    return this.#loaded.size;
  }

  /** Rejects with UnreadableFileError if its files cannot be read now; then the next call reads them again. */
  async load(integration: string): Promise<LoadedIntegration> {
    const known = this.#loaded.get(integration);
    if (known !== undefined) return known;
    let loading = this.#loading.get(integration);
    if (loading === undefined) {
      loading = this.#reading.run(() => this.#read(integration)).finally(() => this.#loading.delete(integration));
      this.#loading.set(integration, loading);
    }
    return loading;
  }

  /** Does work that needs an integration in memory; it is not let go meanwhile. Rejects as `load` does. */
  async use<Result>(integration: string, work: (loaded: LoadedIntegration) => Promise<Result>): Promise<Result> {
    let loaded = this.#loaded.get(integration);
    while (loaded === undefined) {
      await this.load(integration);
      loaded = this.#loaded.get(integration);
    }
    loaded.users += 1;
    try {
      return await work(loaded);
    } finally {
      loaded.users -= 1;
    }
  }

  unload(integration: string): void {
    this.#loaded.delete(integration);
  }

  /** Ids of all integrations of which something is known; to have asked for one is not enough. */
  async ids(): Promise<string[]> {
    const ids = new Set<string>();
    const names = new Map<string, string>();
    for (const [id, { needs, document }] of this.#loaded) {
      const { revision, history } = document.state;
      if (needs !== null || revision > 0 || history.newestAt !== null) ids.add(id);
      names.set(folderName(id), id);
    }
    for (const name of await fs.readdir(this.#options.folder).catch(() => [])) {
      const id = names.get(name) ?? (await this.#idIn(name));
      if (id !== undefined) ids.add(id);
    }
    return [...ids];
  }

  async #idIn(name: string): Promise<string | undefined> {
    const { state, status } = this.#filesIn(name);
    const copy = await status.read().catch(() => null);
    if (isStatusCopy(copy)) return copy.standing.integration;
    const document = await state.read().catch(() => null);
    return isIntegrationDocument(document) ? document.state.integration : undefined;
  }

  async #read(integration: string): Promise<LoadedIntegration> {
    const { clock, durable, lowdb, onLoad } = this.#options;
    const name = folderName(integration);
    const files = this.#filesIn(name);
    const stored = await readIntegration(integration, files, clock.now());
    const { document, copy } = stored;
    onLoad(document);
    const folder = path.join(this.#options.folder, name);
    const loaded: LoadedIntegration = {
      document,
      settledMarks: new Set(document.settled),
      low: new lowdb<IntegrationDocument>(files.state, document),
      status: files.status,
      statusCopy: copy === null ? "outdated" : "kept",
      log: new HistoryFile(path.join(folder, LOG_FILE), durable),
      archive: new HistoryFile(path.join(folder, ARCHIVE_FILE), durable),
      pendingLog: new Map(),
      pendingArchive: [],
      needs: null,
      lastUsedAt: clock.now(),
      users: 0,
      changing: false,
    };
    const setItRight = () => this.#setRight(loaded, stored, files);
    // While the journal is read, it has yet to tell more.
    if (this.#whenReplayed === null) await setItRight();
    else this.#whenReplayed.push(setItRight);
    this.#loaded.set(integration, loaded);
    return loaded;
  }

  async #setRight(loaded: LoadedIntegration, stored: StoredIntegration, files: StateFiles): Promise<void> {
    const done = await setRight(stored, files, this.#options.clock.now());
    if (done === null) return;
    loaded.needs = NOT_IN_JOURNAL;
    loaded.statusCopy = done.isKept ? "kept" : "urgent";
    for (const damage of done.damages) this.#options.onDamage(damage);
  }

  #filesIn(name: string): StateFiles {
    const { folder, durable, onKeptAside } = this.#options;
    return {
      state: new ReplacedFile(path.join(folder, name, "state.json"), durable, onKeptAside),
      status: new ReplacedFile(path.join(folder, name, "status.json"), durable, onKeptAside),
    };
  }
}

/** Writes an integration's status into the file that has nothing else, if that does not hold it yet. */
export async function keepStatus(loaded: LoadedIntegration): Promise<void> {
  const { statusCopy } = loaded;
  if (statusCopy === "kept") return;
  loaded.statusCopy = "kept";
  try {
    await loaded.status.write(statusCopyOf(loaded.document));
  } catch (error) {
    loaded.statusCopy = statusCopy;
    throw error;
  }
}

/** Keeps what memory holds of an integration in step with an entry that its document has taken in. */
export function noteApplied(
  loaded: LoadedIntegration,
  entry: NumberedEntry,
  position: Position,
  { logSize }: Pick<StoreSettings, "logSize">,
  now: number,
): void {
  loaded.needs ??= position.segment;
  loaded.lastUsedAt = now;
  if (entry.t === "transition") loaded.statusCopy = "urgent";
  else if (loaded.statusCopy === "kept" && changesCopy(entry)) loaded.statusCopy = "outdated";
  if (entry.t !== "settle") return;
  if (entry.next.state !== "retry") {
    const { settled } = loaded.document;
    const mark = settled.at(-1);
    if (mark !== undefined) loaded.settledMarks.add(mark);
    if (loaded.settledMarks.size > 2 * settled.length + 16) loaded.settledMarks = new Set(settled);
  }
  if (entry.attempt === null) return;
  const lines = loaded.pendingLog.get(entry.event);
  if (lines === undefined) {
    loaded.pendingLog.set(entry.event, [position]);
    return;
  }
  lines.push(position);
  if (lines.length >= 2 * logSize + 16) lines.splice(0, lines.length - logSize);
}

function changesCopy(entry: NumberedEntry): boolean {
  return entry.t === "notices" || (entry.t === "accept" && entry.settings !== undefined);
}

/** Takes note that a settled delivery can be replayed. */
export function noteArchived(
  loaded: LoadedIntegration,
  pending: PendingArchive,
  settings: Pick<StoreSettings, "keepDelivered">,
): void {
  const { segment } = pending.position;
  loaded.pendingArchive.push(pending);
  loaded.needs = Math.min(loaded.needs ?? segment, segment);
  // Of delivered ones, only the last few are kept: the others need not wait for a checkpoint to be forgotten.
  if (loaded.pendingArchive.length < 2 * settings.keepDelivered + 16) return;
  loaded.pendingArchive = lastDelivered(loaded.pendingArchive, settings);
}

/** All that were given up, and of those delivered the last few; oldest first. */
export function lastDelivered(
  pending: readonly PendingArchive[],
  { keepDelivered }: Pick<StoreSettings, "keepDelivered">,
): PendingArchive[] {
  let surplus = pending.filter(({ gaveUp }) => gaveUp === null).length - keepDelivered;
  return pending.filter(({ gaveUp }) => {
    if (gaveUp !== null || surplus <= 0) return true;
    surplus -= 1;
    return false;
  });
}

/** Whether a webhook of this id was settled before, as far back as is remembered. */
export function wasSettled(loaded: LoadedIntegration, id: string): boolean {
  return loaded.settledMarks.has(markOf(id));
}
