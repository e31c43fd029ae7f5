import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Adapter } from "lowdb";
import { UnreadableFileError } from "./unreadable-file";

const NEWLINE = 10;
/** A UTF-16 code unit takes at most so many bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;
const SPACE_BYTES = 256 * 1_024;
const NOISE_BYTES = 512 * 1_024;
/** Where so much fits, the rest is taken to fit, too. */
const MOST_TRIED_BYTES = 64 * 1_024 * 1_024;

/** Where lines are put together for a write: for use between two turns of the event loop, so one serves all files. */
let encoded = Buffer.allocUnsafeSlow(SPACE_BYTES);

/**
 * A lowdb adapter that appends: what is written are the lines that came since the last write, not the whole file. A
 * write that fails half-way is taken back, so that the file ends with a whole line.
 */
export class AppendFile implements Adapter<string[]> {
  #fd: number | null = null;
  #size = 0;

  /** @param durable whether a write also reaches the disk (`sync: "power"`), not just the kernel */
  constructor(
    readonly path: string,
    readonly durable: boolean,
  ) {}

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  async read(): Promise<string[] | null> {
    try {
      const lines = (await fs.promises.readFile(this.path, "utf8")).split("\n");
      lines.pop();
      return lines;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  /**
   * Appends lines, none of which may hold a line break. The bytes go to the kernel at once: that is a copy in memory, so
   * waiting for a thread would take longer than the write itself.
   */
  async write(lines: string[]): Promise<void> {
    if (lines.length === 0) return;
    const fd = this.#open();
    const length = encode(lines);
    try {
      writeAll(fd, encoded, length, this.#size);
      if (this.durable) await datasync(fd);
    } catch (error) {
      this.#takeBack(fd);
      throw error;
    }
    this.#size += length;
  }

  /**
   * Rejects as a write of so many bytes would, or of {@link MOST_TRIED_BYTES}; nothing of them stays. They are noise, since
   * some disks make little of what repeats itself, and no line: a crash meanwhile leaves what a reader drops.
   */
  async tryOut(length: number): Promise<void> {
    const fd = this.#open();
    const noise = Buffer.from(randomBytes(NOISE_BYTES).toString("base64"), "latin1");
    try {
      let left = Math.min(length, MOST_TRIED_BYTES);
      for (let at = this.#size; left > 0; await nextTurn()) {
        const size = Math.min(left, noise.length);
        writeAll(fd, noise, size, at);
        left -= size;
        at += size;
      }
      if (this.durable) await datasync(fd);
    } finally {
      this.#takeBack(fd);
    }
  }

  /** Opens the file for appending after `size` bytes; anything behind them is cut off. */
  openAt(size: number): void {
    this.close();
    this.#size = size;
    const fd = this.#open();
    fs.ftruncateSync(fd, size);
  }

  /** Throws UnreadableFileError if it cannot be read now, and another error if it does not have so many bytes. */
  readBytes(offset: number, length: number): Buffer {
    if (this.#fd === null) throw new UnreadableFileError(this.path, "it is closed");
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const count = this.#readInto(this.#fd, bytes, done, offset + done);
      if (count === 0) throw new Error(`${this.path} ends before byte ${offset + length}`);
      done += count;
    }
    return bytes;
  }

  close(): void {
    if (this.#fd === null) return;
    fs.closeSync(this.#fd);
    this.#fd = null;
  }

  #readInto(fd: number, bytes: Buffer, from: number, position: number): number {
    try {
      return fs.readSync(fd, bytes, from, bytes.length - from, position);
    } catch (error) {
      throw new UnreadableFileError(this.path, error);
    }
  }

  #open(): number {
    // Not "a+": a position is given with each write, so that a retry overwrites what a failed one left.
    this.#fd ??= fs.openSync(this.path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
    return this.#fd;
  }

  #takeBack(fd: number): void {
    try {
      fs.ftruncateSync(fd, this.#size);
    } catch {
      // The next write starts at the same place and covers what is left; a reader drops a line without an end.
    }
  }
}

function writeAll(fd: number, bytes: Buffer, length: number, position: number): void {
  let written = 0;
  while (written < length) written += fs.writeSync(fd, bytes, written, length - written, position + written);
}

/** Puts lines into {@link encoded}; returns how many bytes they take. */
function encode(lines: readonly string[]): number {
  let most = 0;
  for (const line of lines) most += line.length * MOST_BYTES_PER_UNIT + 1;
  const size = Math.max(most, SPACE_BYTES);
  // Many or long lines seldom come at once: what they took is not kept.
  if (size !== encoded.length) encoded = Buffer.allocUnsafeSlow(size);
  let length = 0;
  for (const line of lines) {
    length += encoded.write(line, length, "utf8");
    encoded[length++] = NEWLINE;
  }
  return length;
}

function datasync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
