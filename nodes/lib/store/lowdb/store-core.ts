import path from "node:path";
import type { Low } from "lowdb";
import type { Clock } from "../../time/clock";
import { SECOND_MS } from "../../time/utc-day";
import type { StoreSettings } from "../store";
import { Condition } from "./condition";
import { applyToIntegration } from "./integration-document";
import { IntegrationFiles, noteApplied } from "./integration-files";
import { Journal, type Position } from "./journal";
import { decodeEntry, encodeEntry, type JournalEntry, type NumberedEntry } from "./journal-entry";
import {
  applyToNotifications,
  emptyNotifications,
  isNotificationDocument,
  type NotificationDocument,
} from "./notification-document";
import { DamagedFileError, ReplacedFile } from "./replaced-file";

/** What follows an entry that is safe on disk, beyond the documents. */
export interface CoreListener {
  /** An entry was written just now. */
  applied(entry: NumberedEntry, position: Position, body: string): void;
  /** An entry was found at start; called for all, oldest first. `isNew` if its integration's file did not have it yet. */
  replayed(entry: NumberedEntry, position: Position, isNew: boolean): void;
  /** A segment is full, or the store is, or damage was set right: files are to be written, what is not needed is to go. */
  pressed(): void;
}

export interface CoreOptions {
  /** Folder of the store; made if it is not there. */
  folder: string;
  settings: StoreSettings;
  clock: Clock;
  lowdb: typeof Low;
  segmentBytes: number;
}

const LOST_NOTIFICATIONS = "Mails that waited are lost, and owners may get a mail a second time.";
const TRY_AGAIN_AFTER_MS = 5 * SECOND_MS;

/**
 * The journal and the documents made from it. Everything that changes is first a line in the journal; once that is safe
 * it is applied to the documents in memory, in order. Their files are written when old segments are to go.
 */
export class StoreCore {
  readonly condition: Condition;
  readonly files: IntegrationFiles;
  readonly notifications: { low: Low<NotificationDocument>; document: NotificationDocument; needs: number | null };
  readonly #options: CoreOptions;
  readonly #notificationFile: ReplacedFile<NotificationDocument>;
  /** Bytes of the integrations' files when last counted. */
  fileBytes = 0;
  #listener: CoreListener | null = null;
  #journal: Journal | null = null;
  #lastNumber = 0;
  #cancelTry: (() => void) | null = null;
  #closed = false;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.condition = new Condition(options.clock);
    const durable = options.settings.sync === "power";
    const onKeptAside = (file: string, keptAs: string) => this.condition.keptAside(file, keptAs);
    this.files = new IntegrationFiles({
      folder: path.join(options.folder, "integrations"),
      durable,
      clock: options.clock,
      lowdb: options.lowdb,
      onDamage: (damage) => {
        this.condition.damaged(damage);
        this.#listener?.pressed();
      },
      onKeptAside,
      // A journal that was lost must not lead to numbers that were given before.
      onLoad: ({ through }) => {
        this.#lastNumber = Math.max(this.#lastNumber, through);
      },
    });
    this.#notificationFile = new ReplacedFile(path.join(options.folder, "notifications.json"), durable, onKeptAside);
    const document = emptyNotifications();
    this.notifications = { low: new options.lowdb(this.#notificationFile, document), document, needs: null };
  }

  /** Reads what is there, and tells it to `listener`. Rejects with UnreadableFileError if that cannot be done now. */
  async begin(listener: CoreListener): Promise<void> {
    this.#listener = listener;
    const { folder, settings, segmentBytes, clock, lowdb } = this.#options;
    await this.#readNotifications();
    this.#journal = await Journal.open({
      folder: path.join(folder, "journal"),
      durable: settings.sync === "power",
      segmentBytes,
      clock,
      lowdb,
      onLine: (line, position) => this.#replay(line, position),
      onDamage: (damage) => this.condition.damaged(damage),
      onTrouble: (problem) => this.#trouble(problem),
      onRotate: () => listener.pressed(),
    });
    await this.files.replayed();
  }

  get journal(): Journal {
    if (this.#journal === null) throw new Error("the journal is not open yet");
    return this.#journal;
  }

  get settings(): StoreSettings {
    return this.#options.settings;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get folder(): string {
    return this.#options.folder;
  }

  /** Bytes on disk, and of what is on its way there: the journal, and the integrations' files when last counted. */
  get bytes(): number {
    return this.journal.bytes + this.journal.queuedBytes + this.fileBytes;
  }

  /** Why nothing new can be accepted, or null. */
  refusal(): string | null {
    const problem = this.#shortage();
    this.condition.full(problem);
    if (problem !== null) this.#listener?.pressed();
    return problem;
  }

  /** Whether `maxBytes` is reached. */
  get isFull(): boolean {
    return this.bytes >= this.#options.settings.maxBytes;
  }

  /** Tells whether there is room again. */
  lookForRoom(): void {
    this.condition.full(this.#shortage());
  }

  /** Writes an entry whose integration is in memory, and applies it. Rejects if the disk does not take it. */
  write(entry: JournalEntry, body?: string): Promise<void> {
    return new Promise((resolve, reject) => this.#append(entry, body, false, resolve, reject));
  }

  /** Writes an entry however long it takes: the disk may be in trouble meanwhile. */
  writeForSure(entry: JournalEntry, body?: string): Promise<void> {
    return new Promise((resolve, reject) => this.#append(entry, body, true, resolve, reject));
  }

  /** Resolves when what was given to be written is, or was refused. */
  async finishWriting(): Promise<void> {
    await this.journal.drain();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTry?.();
    this.condition.close();
    await this.#journal?.close();
  }

  #append(
    entry: JournalEntry,
    body: string | undefined,
    forSure: boolean,
    resolve: () => void,
    reject: (error: Error) => void,
  ): void {
    this.#lastNumber += 1;
    const numbered: NumberedEntry = { ...entry, n: this.#lastNumber };
    this.journal.append(
      encodeEntry(numbered, body),
      forSure,
      (position) => {
        this.#applyToDocuments(numbered, position);
        this.#listener?.applied(numbered, position, body ?? "");
        // What was settled may be gone from disk: then there is room before anyone is refused again.
        if (entry.t === "settle" && this.isFull) this.#listener?.pressed();
        resolve();
      },
      reject,
    );
  }

  #shortage(): string | null {
    if (!this.isFull) return null;
    const { maxBytes } = this.#options.settings;
    return `the store in ${this.folder} is full: ${this.bytes} of ${maxBytes} bytes (webhook-store, field maxBytes) are used; what waits is kept, new webhooks are refused until some of it has gone out`;
  }

  #replay(line: string, position: Position): void | Promise<void> {
    const entry = decodeEntry(line);
    this.#lastNumber = Math.max(this.#lastNumber, entry.n);
    if (!("i" in entry) || this.files.peek(entry.i) !== undefined) return this.#replayed(entry, position);
    return this.files.load(entry.i).then(() => this.#replayed(entry, position));
  }

  #replayed(entry: NumberedEntry, position: Position): void {
    const isNew = this.#applyToDocuments(entry, position);
    this.#listener?.replayed(entry, position, isNew);
  }

  #applyToDocuments(entry: NumberedEntry, position: Position): boolean {
    if (applyToNotifications(this.notifications.document, entry)) {
      this.notifications.needs ??= position.segment;
    }
    const loaded = "i" in entry ? this.files.peek(entry.i) : undefined;
    if (loaded === undefined || !applyToIntegration(loaded.document, entry)) return false;
    noteApplied(loaded, entry, position, this.#options.settings, this.#options.clock.now());
    return true;
  }

  async #readNotifications(): Promise<void> {
    const { low, document } = this.notifications;
    const file = this.#notificationFile;
    try {
      await low.read();
      if (!isNotificationDocument(low.data)) throw new DamagedFileError(file.path, "it does not hold notifications");
      this.notifications.document = low.data;
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      low.data = document;
      const keptAs = await file.keepAside(this.#options.clock.now());
      this.condition.damaged({ file: file.path, keptAs, problem: error.problem, consequence: LOST_NOTIFICATIONS });
    }
    this.#lastNumber = low.data.through;
  }

  #trouble(problem: string | null): void {
    this.condition.unwritable(problem);
    this.#cancelTry?.();
    this.#cancelTry = null;
    if (problem === null || this.#closed) return;
    this.#cancelTry = this.#options.clock.schedule(TRY_AGAIN_AFTER_MS, () => {
      this.#cancelTry = null;
      // Recovers, and says so, even if no webhook comes. A refusal leads back here.
      void this.journal.tryAgain();
    });
  }
}
