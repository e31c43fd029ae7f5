import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import type { Low } from "lowdb";
import type { GaveUp } from "../../delivery/attempt";
import type { WebhookEventType } from "../../integration/integration-spec";
import type { Clock } from "../../time/clock";
import type { StoreSettings } from "../store";
import { HistoryFile } from "./history-file";
import { emptyDocument, type IntegrationDocument, markOf } from "./integration-document";
import type { Position } from "./journal";
import type { NumberedEntry } from "./journal-entry";
import { asideName, DamagedFileError, ReplacedFile } from "./replaced-file";

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
}

export interface IntegrationFilesOptions {
  folder: string;
  durable: boolean;
  clock: Clock;
  lowdb: typeof Low;
  onDamage: (damage: { file: string; keptAs: string; problem: string }) => void;
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

  unload(integration: string): void {
    this.#loaded.delete(integration);
  }

  /** Ids of all integrations that have a folder. */
  async ids(): Promise<string[]> {
    const ids = new Set(this.#loaded.keys());
    const known = new Set(Array.from(ids, folderName));
    for (const name of await fs.readdir(this.#options.folder).catch(() => [])) {
      if (known.has(name)) continue;
      const file = new ReplacedFile<IntegrationDocument>(this.#stateFile(name), false);
      const document = await file.read().catch(() => null);
      if (isDocument(document)) ids.add(document.state.integration);
    }
    return [...ids];
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
      await this.#keepAside(error);
    }
    const folder = path.join(this.#options.folder, name);
    const loaded: LoadedIntegration = {
      document: low.data,
      settledMarks: new Set(low.data.settled),
      low,
      log: new HistoryFile(path.join(folder, "log.jsonl")),
      archive: new HistoryFile(path.join(folder, "archive.jsonl")),
      pendingLog: new Map(),
      pendingArchive: [],
      needs: null,
      lastUsedAt: this.#options.clock.now(),
    };
    this.#loaded.set(integration, loaded);
    return loaded;
  }

  async #keepAside({ file, problem }: DamagedFileError): Promise<void> {
    const keptAs = asideName(file, this.#options.clock.now());
    // If even that fails the error goes to whoever needs this integration; nothing is overwritten, the others go on.
    await fs.rename(file, keptAs);
    this.#options.onDamage({ file, keptAs, problem });
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
    loaded.settledMarks.add(markOf(entry.id));
    const { settled } = loaded.document;
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

/** Whether a webhook of this id was settled before, as far back as is remembered. */
export function wasSettled(loaded: LoadedIntegration, id: string): boolean {
  return loaded.settledMarks.has(markOf(id));
}

function isDocument(value: unknown): value is IntegrationDocument {
  if (typeof value !== "object" || value === null) return false;
  if (!("format" in value) || value.format !== 1 || !("through" in value) || !("state" in value)) return false;
  const { state } = value;
  return typeof state === "object" && state !== null && "integration" in state && "history" in state;
}
