import fs from "node:fs/promises";
import path from "node:path";
import { ARCHIVE_FILE, HistoryFile } from "./history-file";

interface FileSize {
  path: string;
  bytes: number;
}

/**
 * Cuts the largest archives down, oldest first, until all files together have at most so many bytes: what can be replayed
 * must not keep what is new from being accepted.
 *
 * @param folder of the integrations
 * @returns bytes that all files in it have then
 */
export async function shrinkArchives(folder: string, mostBytes: number, durable: boolean): Promise<number> {
  const files = await filesIn(folder);
  let sum = files.reduce((total, { bytes }) => total + bytes, 0);
  const archives = files.filter((file) => path.basename(file.path) === ARCHIVE_FILE && file.bytes > 0);
  while (sum > mostBytes) {
    const largest = archives.reduce<FileSize | null>(
      (most, each) => (most && most.bytes >= each.bytes ? most : each),
      null,
    );
    if (largest === null || largest.bytes === 0) break;
    const left = await new HistoryFile(largest.path, durable).keepNewest(Math.floor(largest.bytes / 2));
    sum -= largest.bytes - left;
    largest.bytes = left;
  }
  return sum;
}

async function filesIn(folder: string): Promise<FileSize[]> {
  const found: FileSize[] = [];
  for (const entry of await fs.readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesIn(inside)));
    else found.push({ path: inside, bytes: (await fs.stat(inside).catch(() => ({ size: 0 }))).size });
  }
  return found;
}
