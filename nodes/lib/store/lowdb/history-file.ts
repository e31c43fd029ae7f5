import fs from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isMissing } from "./append-file";
import { openIn } from "./open-in";
import { syncFile } from "./sync-file";

const NEWLINE = 10;
/** Read or written in one go: a file may be larger than memory, and what is being delivered has its turns meanwhile. */
const CHUNK_BYTES = 256 * 1_024;
/** Below this size a file is not worth cutting down. */
const SMALL_BYTES = 256 * 1_024;

export const LOG_FILE = "log.jsonl";
export const ARCHIVE_FILE = "archive.jsonl";

/** Chooses which lines of a file stay. It is shown all of them, oldest first. */
export interface LineChoice {
  show(line: string): void;
  /** Whether the line with this index stays; asked when all were shown. */
  stays(): (index: number) => boolean;
}

/**
 * Lines about one integration that outlive the journal: its log, or what can be replayed. Lines are appended; when the
 * file has doubled since it was last cut down, what is not chosen goes.
 *
 * Lines go to the kernel at once, as the journal's do: many integrations are brought up to date together, and to hand each
 * small write to a thread took twenty times as long.
 */
export class HistoryFile {
  #cutDownTo = 0;

  /** @param durable whether what is written survives a power cut, not just the death of the process */
  constructor(
    readonly path: string,
    readonly durable: boolean,
  ) {}

  /** What `read` makes of the lines, oldest first; without those of which it makes nothing. */
  async read<Item>(read: (line: string) => Item | null): Promise<Item[]> {
    const items: Item[] = [];
    for await (const line of this.#lines()) {
      const item = read(line);
      if (item !== null) items.push(item);
    }
    return items;
  }

  async *#lines(): AsyncGenerator<string> {
    let begun: Buffer = Buffer.alloc(0);
    for await (const chunk of this.#chunks(0)) {
      const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE, begun.length); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        yield bytes.toString("utf8", start, end);
        start = end + 1;
      }
      begun = bytes.subarray(start);
    }
  }

  /**
   * @param lines are asked for as they are written
   * @returns by how many bytes the file has grown
   */
  async append(lines: Iterable<string>, choice: () => LineChoice): Promise<number> {
    const { grown, size } = await this.#append(lines);
    if (grown === 0 || size < Math.max(SMALL_BYTES, 2 * this.#cutDownTo)) return grown;
    this.#cutDownTo = await this.#replace(this.#chosen(choice()));
    return grown + this.#cutDownTo - size;
  }

  /** Cuts the file down to its newest lines, at most `bytes` of them. Returns the bytes that are left. */
  async keepNewest(bytes: number): Promise<number> {
    return await this.#replace(this.#newest(bytes));
  }

  /** Forgets all lines. Returns how many bytes they had. */
  empty(): number {
    const { size } = fs.statSync(this.path, { throwIfNoEntry: false }) ?? { size: 0 };
    fs.rmSync(this.path, { force: true });
    return size;
  }

  async #append(lines: Iterable<string>): Promise<{ grown: number; size: number }> {
    let file: number | null = null;
    let grownFrom = 0;
    let size = 0;
    try {
      for (const text of inChunks(lines)) {
        if (file === null) {
          file = await openIn(this.path, "a+", this.durable);
          // A crash may have left a line without its end.
          const end = endOf(file);
          if (end.withinLine) fs.writeFileSync(file, "\n");
          grownFrom = end.size;
          size = end.size + Number(end.withinLine);
        } else {
          await nextTurn();
        }
        fs.writeFileSync(file, text);
        size += Buffer.byteLength(text);
      }
      if (file === null) return { grown: 0, size: 0 };
      if (this.durable) await syncFile(file);
    } finally {
      if (file !== null) fs.closeSync(file);
    }
    return { grown: size - grownFrom, size };
  }

  /** The end of the file, from the beginning of a line on. */
  async *#newest(bytes: number): AsyncGenerator<Buffer> {
    const { size } = await fs.promises.stat(this.path);
    let withinLine = size > bytes;
    for await (const chunk of this.#chunks(Math.max(0, size - bytes - 1))) {
      const end = withinLine ? chunk.indexOf(NEWLINE) : -1;
      if (withinLine && end === -1) continue;
      withinLine = false;
      yield chunk.subarray(end + 1);
    }
  }

  async *#chosen(choice: LineChoice): AsyncGenerator<string> {
    for await (const line of this.#lines()) choice.show(line);
    const stays = choice.stays();
    let index = 0;
    let text = "";
    for await (const line of this.#lines()) {
      if (stays(index)) text += `${line}\n`;
      index += 1;
      if (text.length < CHUNK_BYTES) continue;
      yield text;
      text = "";
    }
    if (text !== "") yield text;
  }

  async *#chunks(from: number): AsyncGenerator<Buffer> {
    let file: fs.promises.FileHandle;
    try {
      file = await fs.promises.open(this.path, "r");
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    try {
      for (let position = from; ; ) {
        const { buffer, bytesRead } = await file.read({ buffer: Buffer.allocUnsafe(CHUNK_BYTES), position });
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
        position += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  async #replace(parts: AsyncIterable<Buffer | string>): Promise<number> {
    const beside = `${this.path}.new`;
    const file = fs.openSync(beside, "w", 0o600);
    let size = 0;
    try {
      for await (const part of parts) {
        fs.writeFileSync(file, part);
        size += Buffer.byteLength(part);
      }
      if (this.durable) await syncFile(file);
      fs.renameSync(beside, this.path);
    } catch (error) {
      // The disk may be full.
      fs.rmSync(beside, { force: true });
      throw error;
    } finally {
      fs.closeSync(file);
    }
    return size;
  }
}

/** Lines with their ends, put together to pieces of bounded size. */
function* inChunks(lines: Iterable<string>): Generator<string> {
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < CHUNK_BYTES) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

function endOf(file: number): { size: number; withinLine: boolean } {
  const { size } = fs.fstatSync(file);
  if (size === 0) return { size, withinLine: false };
  const last = Buffer.alloc(1);
  fs.readSync(file, last, 0, 1, size - 1);
  return { size, withinLine: last[0] !== NEWLINE };
}
