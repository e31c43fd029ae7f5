import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import type { Low } from "lowdb";
import type { GaveUp } from "../../delivery/attempt";
import type { WebhookEventType } from "../../integration/integration-spec";
import type { Clock } from "../../time/clock";
import { isPlainObject } from "../../validation/plain-object";
import type { StoreSettings } from "../store";
import { ARCHIVE_FILE, HistoryFile, LOG_FILE } from "./history-file";
import { emptyDocument, type IntegrationDocument, markOf } from "./integration-document";
import type { Position } from "./journal";
import type { NumberedEntry } from "./journal-entry";
import { DamagedFileError, ReplacedFile } from "./replaced-file";

const READABLE_CHARACTERS = 40;

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
  onDamage: (damage: { file: string; keptAs: string; problem: string }) => void;
  onLoad: (document: IntegrationDocument) => void;
}

/** One folder per integration, loaded when it is needed and let go when it is not. */
export class IntegrationFiles {
  readonly #options: IntegrationFilesOptions;
  readonly #loaded = new Map<string, LoadedIntegration>();
  readonly #loading = new Map<string, Promise<LoadedIntegration>>();

  constructor(options: IntegrationFilesOptions) {
    this.#options = options;
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

  async load(integration: string): Promise<LoadedIntegration> {
    const known = this.#loaded.get(integration);
    if (known !== undefined) return known;
    let loading = this.#loading.get(integration);
    if (loading === undefined) {
      loading = this.#read(integration).finally(() => this.#loading.delete(integration));
      this.#loading.set(integration, loading);
    }
    return loading;
  }

  /** Does work that needs an integration in memory; it is not let go meanwhile. */
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
    const file = new ReplacedFile<IntegrationDocument>(this.#stateFile(name), false);
    const document = await file.read().catch(() => null);
    return isDocument(document) ? document.state.integration : undefined;
  }

  async #read(integration: string): Promise<LoadedIntegration> {
    const name = folderName(integration);
    const adapter = new ReplacedFile<IntegrationDocument>(this.#stateFile(name), this.#options.durable);
    const fresh = emptyDocument(integration, this.#options.clock.now());
    const low = new this.#options.lowdb<IntegrationDocument>(adapter, fresh);
    try {
      await low.read();
      if (!isDocument(low.data)) throw new DamagedFileError(adapter.path, "it is not the state of an integration");
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      low.data = fresh;
      const { file, problem } = error;
      this.#options.onDamage({ file, problem, keptAs: await adapter.keepAside(this.#options.clock.now()) });
    }
    this.#options.onLoad(low.data);
    const folder = path.join(this.#options.folder, name);
    const loaded: LoadedIntegration = {
      document: low.data,
      settledMarks: new Set(low.data.settled),
      low,
      log: new HistoryFile(path.join(folder, LOG_FILE), this.#options.durable),
      archive: new HistoryFile(path.join(folder, ARCHIVE_FILE), this.#options.durable),
      pendingLog: new Map(),
      pendingArchive: [],
      needs: null,
      lastUsedAt: this.#options.clock.now(),
      users: 0,
      changing: false,
    };
    this.#loaded.set(integration, loaded);
    return loaded;
  }

  #stateFile(name: string): string {
    return path.join(this.#options.folder, name, "state.json");
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

function isDocument(value: unknown): value is IntegrationDocument {
  if (!isPlainObject(value) || value.format !== 1 || !Number.isSafeInteger(value.through)) return false;
  const { state, pause, settled, foreign } = value;
  if (!isPlainObject(state) || !isPlainObject(pause) || !Array.isArray(settled) || !Array.isArray(foreign))
    return false;
  const lists = [state.groups, state.transitions, state.audit];
  return typeof state.integration === "string" && isPlainObject(state.history) && lists.every(Array.isArray);
}
