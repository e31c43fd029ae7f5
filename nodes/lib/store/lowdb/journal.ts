import fs from "node:fs";
import path from "node:path";
import type { Low } from "lowdb";
import type { Clock } from "../../time/clock";
import type { Damage } from "../store";
import { AppendFile } from "./append-file";
import { readSegment } from "./read-segment";
import { asideName } from "./replaced-file";
import { syncFolder } from "./sync-folder";
import { UnreadableFileError } from "./unreadable-file";

/** Where a line stands. */
export interface Position {
  segment: number;
  /** Bytes. */
  offset: number;
  /** Bytes, without the line's end. */
  length: number;
}

interface Pending {
  line: string;
  bytes: number;
  /** Whether the line must be written however long it takes; others are refused when the disk is. */
  mustKeep: boolean;
  written: (position: Position) => void;
  refused: (error: Error) => void;
}

interface Segment {
  number: number;
  file: AppendFile;
}

export interface JournalOptions {
  folder: string;
  durable: boolean;
  segmentBytes: number;
  clock: Clock;
  /** lowdb's own class: an ES module, so whoever opens the store has imported it. */
  lowdb: typeof Low;
  /** Called for each line found on disk, oldest first. Throws if the line makes no sense, or what it tells of cannot be read. */
  onLine: (line: string, position: Position) => void | Promise<void>;
  onDamage: (damage: Damage) => void;
  /** The disk refused a write, or takes them again (null). */
  onTrouble: (problem: string | null) => void;
  /** A segment is full and the next was begun. */
  onRotate: () => void;
}

const RETRY_AFTER_MS = 1_000;
const LOST_LINES = "Webhooks in these lines are lost; those whose outcome stood there are sent once more.";
const LOST_SEGMENT = "Webhooks that stood there are lost; those whose outcome stood there are sent once more.";
const NAME = /^(\d{8})\.jsonl$/;

/**
 * What happened, line by line, in segments of bounded size. Lines that come within one turn of the event loop share one
 * write. A line is handed to its `written` callback in order, once it survives the death of the process.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #segments: Segment[] = [];
  #low: Low<string[]> | null = null;
  #queue: Pending[] = [];
  #flushing: Promise<void> | null = null;
  #flushPlanned = false;
  /** Lines that came within this turn of the event loop, and within the last one in which any came. */
  #cameThisTurn = 0;
  #cameLastTurn = 0;
  #cancelRetry: (() => void) | null = null;
  #inTrouble = false;
  /** The most bytes that were refused in one go since the disk took all. */
  #refusedBytes = 0;
  /** When the disk was last tried out with so many, ms. */
  #triedAt = Number.NEGATIVE_INFINITY;
  /** Bytes in all segments but the one being written. */
  #closedBytes = 0;
  #queuedBytes = 0;
  #closed = false;

  private constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Reads what is there, handing each line to `onLine`. Rejects with UnreadableFileError if that cannot be done now. */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options);
    fs.mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const numbers = fs
      .readdirSync(options.folder)
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    try {
      for (const number of numbers) await journal.#replay(number, number === numbers.at(-1));
      if (journal.#segments.length === 0) await journal.#begin(1);
    } catch (error) {
      await journal.close();
      throw error;
    }
    return journal;
  }

  /** Bytes in all segments. */
  get bytes(): number {
    return this.#closedBytes + (this.#segments.at(-1)?.file.size ?? 0);
  }

  /** Bytes that are to be written. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** The oldest segment's number, or null if only the one being written is left. */
  get oldest(): number | null {
    return this.#segments.length > 1 ? (this.#segments[0]?.number ?? null) : null;
  }

  get current(): number {
    return this.#segments.at(-1)?.number ?? 0;
  }

  /**
   * Queues a line. `written` is called when it survives the death of the process, and before that of any later line;
   * `refused` if the disk does not take it (never for lines that must be kept: those are tried again until it does).
   */
  append(line: string, mustKeep: boolean, written: Pending["written"], refused: Pending["refused"]): void {
    if (this.#closed) {
      refused(new Error("the store is closed"));
      return;
    }
    const bytes = Buffer.byteLength(line);
    this.#queuedBytes += bytes + 1;
    this.#queue.push({ line, bytes, mustKeep, written, refused });
    if (this.#cameThisTurn++ === 0) setImmediate(() => this.#turnEnded());
    this.#planFlush();
  }

  read({ segment, offset, length }: Position): string {
    const found = this.#segments.find(({ number }) => number === segment);
    if (found === undefined) throw new Error(`journal segment ${segment} is gone`);
    return found.file.readBytes(offset, length).toString("utf8");
  }

  fileOf(segment: number): string {
    return path.join(this.#options.folder, fileName(segment));
  }

  /**
   * Deletes the oldest segment; to be awaited before the next is, since what one settles was accepted in those before. The
   * newest must have a line: numbers of entries go on from it.
   */
  async dropOldest(): Promise<void> {
    const [oldest] = this.#segments;
    if (oldest === undefined || this.#segments.length < 2 || this.#segments.at(-1)?.file.size === 0) return;
    // As long as it cannot be deleted, none that follows is: it would come back at the next start.
    await fs.promises.rm(oldest.file.path, { force: true });
    this.#segments.shift();
    this.#closedBytes -= oldest.file.size;
    oldest.file.close();
  }

  /** Finds out, and tells, whether the disk takes what it refused. Less of it may fit long before. */
  async tryAgain(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
    if (this.#inTrouble && !this.#closed) await this.#startFlush(() => this.#tryOut());
  }

  /** Writes what is queued now; what must be kept and is not taken stays queued. */
  async drain(): Promise<void> {
    await this.#startFlush();
    // What came while the first was under way.
    await this.#startFlush();
  }

  /** Writes what is queued; what the disk still does not take is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    await this.drain();
    for (const { refused } of this.#queue.splice(0)) refused(new Error("the store was closed before this was written"));
    for (const { file } of this.#segments) file.close();
  }

  /** Under load, what comes within one turn shares a write; a line that comes alone need not wait for the turn's end. */
  #planFlush(): void {
    if (this.#flushPlanned || this.#flushing !== null) return;
    this.#flushPlanned = true;
    const flush = () => {
      this.#flushPlanned = false;
      void this.#startFlush();
    };
    if (this.#cameThisTurn <= 1 && this.#cameLastTurn <= 1) process.nextTick(flush);
    else setImmediate(flush);
  }

  #turnEnded(): void {
    this.#cameLastTurn = this.#cameThisTurn;
    this.#cameThisTurn = 0;
  }

  #startFlush(flush = () => this.#flush()): Promise<void> {
    this.#flushing ??= flush().finally(() => {
      this.#flushing = null;
      if (this.#queue.length > 0 && this.#cancelRetry === null && !this.#closed) this.#planFlush();
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    for (let start = 0; start < queue.length; ) {
      const end = this.#queuedBytes <= this.#options.segmentBytes ? queue.length : this.#endOfSegment(queue, start);
      const batch = end - start === queue.length ? queue : queue.slice(start, end);
      let segment: Segment;
      let offset: number;
      try {
        segment = this.#open() ?? (await this.#next());
        offset = segment.file.size;
        const low = this.#low as Low<string[]>;
        low.data = batch.map(({ line }) => line);
        await low.write();
      } catch (error) {
        this.#failed(queue.slice(start), error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.#queuedBytes -= segment.file.size - offset;
      if (this.#inTrouble) await this.#recover(batch);
      for (const { bytes, written } of batch) {
        written({ segment: segment.number, offset, length: bytes });
        offset += bytes + 1;
      }
      start = end;
    }
  }

  /** What comes at once may be more than a segment should hold: each must be small enough to be written anew. */
  #endOfSegment(queue: readonly Pending[], start: number): number {
    let bytes = 0;
    let end = start;
    for (; end < queue.length && bytes < this.#options.segmentBytes; end++) bytes += queue[end]?.bytes ?? 0;
    return end;
  }

  #failed(batch: Pending[], error: Error): void {
    const kept = batch.filter(({ mustKeep }) => mustKeep);
    const refusedBytes = sizeOf(batch) - sizeOf(kept);
    this.#queuedBytes -= refusedBytes;
    this.#queue = [...kept, ...this.#queue];
    this.#inTrouble = true;
    this.#refusedBytes = Math.max(this.#refusedBytes, refusedBytes);
    this.#options.onTrouble(error.message);
    for (const { mustKeep, refused } of batch) if (!mustKeep) refused(error);
    if (this.#cancelRetry !== null || this.#closed) return;
    this.#cancelRetry = this.#options.clock.schedule(RETRY_AFTER_MS, () => {
      this.#cancelRetry = null;
      if (this.#queue.length > 0) this.#planFlush();
    });
  }

  /** The disk took something again. */
  async #recover(batch: readonly Pending[]): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    if (sizeOf(batch) >= this.#refusedBytes) this.#recovered();
    else if (this.#options.clock.now() >= this.#triedAt + RETRY_AFTER_MS) await this.#tryOut();
  }

  async #tryOut(): Promise<void> {
    this.#triedAt = this.#options.clock.now();
    try {
      const { file } = this.#open() ?? (await this.#next());
      await file.tryOut(this.#refusedBytes + sizeOf(this.#queue));
    } catch (error) {
      this.#options.onTrouble(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#recovered();
  }

  #recovered(): void {
    this.#inTrouble = false;
    this.#refusedBytes = 0;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#options.onTrouble(null);
  }

  /** The segment to write to, if it is not full. */
  #open(): Segment | null {
    const last = this.#segments.at(-1);
    return last !== undefined && last.file.size < this.#options.segmentBytes ? last : null;
  }

  async #next(): Promise<Segment> {
    const begun = await this.#begin(this.current + 1);
    this.#options.onRotate();
    return begun;
  }

  async #begin(number: number): Promise<Segment> {
    const file = new AppendFile(this.fileOf(number), this.#options.durable);
    try {
      file.openAt(0);
      if (this.#options.durable) await syncFolder(this.#options.folder);
    } catch (error) {
      // It is tried again each second.
      file.close();
      throw error;
    }
    const segment = { number, file };
    this.#add(segment);
    return segment;
  }

  async #replay(number: number, isLast: boolean): Promise<void> {
    const file = this.fileOf(number);
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(file);
    } catch (error) {
      throw new UnreadableFileError(file, error);
    }
    const { size, problem } = await readSegment(bytes, (line, offset, length) =>
      this.#options.onLine(line, { segment: number, offset, length }),
    );
    if (size === 0 && !isLast) {
      this.#keepAside(file, "no line of it is left");
      return;
    }
    // Behind the end of the last segment's last line stands what a crash cut off before anyone was told that it is safe.
    const missing = size < bytes.length && !isLast ? `what stood from byte ${size} on is missing` : null;
    if (problem !== null || missing !== null) this.#mend(file, bytes, problem ?? missing ?? "");
    const append = new AppendFile(file, this.#options.durable);
    append.openAt(size);
    this.#add({ number, file: append });
  }

  #keepAside(file: string, problem: string): void {
    const keptAs = asideName(file, this.#options.clock.now());
    fs.renameSync(file, keptAs);
    this.#options.onDamage({ file, keptAs, problem, consequence: LOST_SEGMENT });
  }

  /** Keeps a copy of a segment as it was found, and puts what can be read of it in its place. */
  #mend(file: string, mended: Buffer, problem: string): void {
    let keptAs = asideName(file, this.#options.clock.now());
    try {
      fs.copyFileSync(file, keptAs);
      fs.writeFileSync(`${file}.new`, mended, { mode: 0o600 });
      fs.renameSync(`${file}.new`, file);
    } catch {
      // There is no room for it: it stays as it is, and the next start finds it so again.
      fs.rmSync(keptAs, { force: true });
      keptAs = file;
    }
    this.#options.onDamage({ file, keptAs, problem, consequence: LOST_LINES });
  }

  #add(segment: Segment): void {
    this.#closedBytes += this.#segments.at(-1)?.file.size ?? 0;
    this.#segments.push(segment);
    this.#low = new this.#options.lowdb<string[]>(segment.file, []);
  }
}

/** Bytes that lines take in a segment. */
function sizeOf(lines: readonly Pending[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes + 1, 0);
}

function fileName(number: number): string {
  return `${String(number).padStart(8, "0")}.jsonl`;
}
