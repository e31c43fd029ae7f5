import { hash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Adapter } from "lowdb";
import { isMissing } from "./append-file";
import { openIn } from "./open-in";
import { syncFile } from "./sync-file";
import { syncFolder } from "./sync-folder";
import { UnreadableFileError } from "./unreadable-file";

/** A file whose content is not JSON, or not what it should be. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
  constructor(
    readonly file: string,
    readonly problem: string,
  ) {
    super(`${file}: ${problem}`);
  }
}

/**
 * A lowdb adapter for one small JSON file. It is written beside and renamed, so that a reader finds the old content or the
 * new, never half of it; folders are made as needed. A second line has a checksum of the first, so that a bit that flipped
 * is noticed; a file without one is taken as it is.
 */
export class ReplacedFile<T> implements Adapter<T> {
  /** The name under which a damaged file must be kept before anything is written in its place. */
  #aside: string | null = null;

  /**
   * @param durable whether a write also reaches the disk (`sync: "power"`), not just the kernel
   * @param onKeptAside called when a damaged file was moved, with its name and the one under which it is kept from then on
   */
  constructor(
    readonly path: string,
    readonly durable: boolean,
    readonly onKeptAside: (file: string, keptAs: string) => void,
  ) {}

  /**
   * @returns null if there is no such file
   * @throws DamagedFileError, UnreadableFileError
   */
  async read(): Promise<T | null> {
    let text: string;
    try {
      text = await fs.promises.readFile(this.path, "utf8");
    } catch (error) {
      if (isMissing(error)) return null;
      throw new UnreadableFileError(this.path, error);
    }
    const [json = "", checksum = ""] = text.split("\n");
    if (checksum !== "" && checksum !== checksumOf(json)) {
      throw new DamagedFileError(this.path, "its checksum is wrong");
    }
    try {
      return JSON.parse(json) as T;
    } catch (error) {
      throw new DamagedFileError(this.path, error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Moves a damaged file out of the way. Returns the name under which it is kept: its own if it cannot be moved; then that
   * is tried again with the next write, which fails as long as it cannot.
   */
  async keepAside(now: number): Promise<string> {
    this.keepAsideAtWrite(now);
    const aside = this.#aside ?? this.path;
    try {
      await this.#moveAside();
      return aside;
    } catch {
      return this.path;
    }
  }

  /** Leaves a damaged file where it is until another takes its place. */
  keepAsideAtWrite(now: number): void {
    this.#aside = asideName(this.path, now);
  }

  async write(data: T): Promise<void> {
    await this.#moveAside();
    const beside = `${this.path}.new`;
    const folder = path.dirname(this.path);
    const file = await openIn(beside, "w", this.durable);
    try {
      const json = JSON.stringify(data);
      fs.writeFileSync(file, `${json}\n${checksumOf(json)}\n`);
      if (this.durable) await syncFile(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(beside, this.path);
    if (this.durable) await syncFolder(folder);
  }

  async #moveAside(): Promise<void> {
    const aside = this.#aside;
    if (aside === null) return;
    await fs.promises.rename(this.path, aside).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    this.#aside = null;
    this.onKeptAside(this.path, aside);
  }
}

/** The name under which a file that cannot be read is kept. */
export function asideName(file: string, now: number): string {
  return `${file}.damaged-${new Date(now).toISOString().replaceAll(":", "")}`;
}

function checksumOf(json: string): string {
  return hash("sha1", json);
}
