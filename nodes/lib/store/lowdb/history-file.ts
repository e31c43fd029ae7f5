import fs from "node:fs";
import { isMissing } from "./append-file";
import { openIn } from "./open-in";
import { syncFile } from "./sync-file";

/** Below this size a file is not worth cutting down. */
const SMALL_BYTES = 256 * 1_024;

export const LOG_FILE = "log.jsonl";
export const ARCHIVE_FILE = "archive.jsonl";

/**
 * Lines about one integration that outlive the journal: its log, or what can be replayed. Lines are appended; when the
 * file has doubled since it was last cut down, what `keep` does not want goes.
 *
 * Lines go to the kernel at once, as the journal's do: many integrations are brought up to date together, and to hand each
 * small write to a thread took twenty times as long.
 */
export class HistoryFile {
  #cutDownTo = 0;
  /** Bytes in the file, or null before it is known that it ends with a whole line. */
  #size: number | null = null;

  /** @param durable whether what is written survives a power cut, not just the death of the process */
  constructor(
    readonly path: string,
    readonly durable: boolean,
  ) {}

  /** Lines, oldest first. */
  async read(): Promise<string[]> {
    try {
      const lines = (await fs.promises.readFile(this.path, "utf8")).split("\n");
      lines.pop();
      return lines;
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /**
   * @param keep given all lines, oldest first, those that stay
   * @returns by how many bytes the file has grown
   */
  async append(lines: readonly string[], keep: (lines: string[]) => string[]): Promise<number> {
    if (lines.length === 0) return 0;
    const file = await openIn(this.path, "a+", this.durable);
    let size = this.#size;
    let grownFrom = 0;
    this.#size = null;
    try {
      // A crash may have left a line without its end.
      const before = size === null ? endOf(file) : { size, withinLine: false };
      const text = `${before.withinLine ? "\n" : ""}${lines.join("\n")}\n`;
      fs.writeFileSync(file, text);
      if (this.durable) await syncFile(file);
      grownFrom = before.size;
      size = before.size + Buffer.byteLength(text);
    } finally {
      fs.closeSync(file);
    }
    this.#size = size;
    if (size < Math.max(SMALL_BYTES, 2 * this.#cutDownTo)) return size - grownFrom;
    this.#cutDownTo = await this.#replace(keep(await this.read()));
    return this.#cutDownTo - grownFrom;
  }

  /** Cuts the file down to its newest lines, at most `bytes` of them. Returns the bytes that are left. */
  async keepNewest(bytes: number): Promise<number> {
    const lines = await this.read();
    let left = bytes;
    let first = lines.length;
    for (let size = 0; first > 0; first -= 1) {
      size = Buffer.byteLength(lines[first - 1] ?? "") + 1;
      if (size > left) break;
      left -= size;
    }
    return await this.#replace(lines.slice(first));
  }

  async #replace(lines: readonly string[]): Promise<number> {
    const text = lines.length > 0 ? `${lines.join("\n")}\n` : "";
    await fs.promises.writeFile(`${this.path}.new`, text, { mode: 0o600, flush: this.durable });
    await fs.promises.rename(`${this.path}.new`, this.path);
    this.#size = Buffer.byteLength(text);
    return this.#size;
  }
}

function endOf(file: number): { size: number; withinLine: boolean } {
  const { size } = fs.fstatSync(file);
  if (size === 0) return { size, withinLine: false };
  const last = Buffer.alloc(1);
  fs.readSync(file, last, 0, 1, size - 1);
  return { size, withinLine: last[0] !== 10 };
}
