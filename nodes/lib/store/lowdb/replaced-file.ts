import fs from "node:fs/promises";
import path from "node:path";
import type { Adapter } from "lowdb";
import { isMissing } from "./append-file";

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
 * new, never half of it; folders are made as needed.
 */
export class ReplacedFile<T> implements Adapter<T> {
  /** @param durable whether a write also reaches the disk (`sync: "power"`), not just the kernel */
  constructor(
    readonly path: string,
    readonly durable: boolean,
  ) {}

  async read(): Promise<T | null> {
    let text: string;
    try {
      text = await fs.readFile(this.path, "utf8");
    } catch (error) {
      if (isMissing(error)) return null;
      throw new DamagedFileError(this.path, error instanceof Error ? error.message : String(error));
    }
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new DamagedFileError(this.path, error instanceof Error ? error.message : String(error));
    }
  }

  async write(data: T): Promise<void> {
    const beside = `${this.path}.new`;
    const folder = path.dirname(this.path);
    await fs.mkdir(folder, { recursive: true });
    const file = await fs.open(beside, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(data));
      if (this.durable) await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(beside, this.path);
    if (this.durable) await syncFolder(folder);
  }
}

/** Makes a rename or a new file in a folder survive a power cut. Not every platform can; there it does nothing. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: fs.FileHandle;
  try {
    handle = await fs.open(folder, "r");
  } catch {
    return;
  }
  try {
    await handle.sync();
  } catch {
    // Windows cannot sync a folder.
  } finally {
    await handle.close();
  }
}

/** The name under which a file that cannot be read is kept. */
export function asideName(file: string, now: number): string {
  return `${file}.damaged-${new Date(now).toISOString().replaceAll(":", "")}`;
}
