import fs from "node:fs";
import path from "node:path";
import { isMissing } from "./append-file";
import { syncFolder } from "./sync-folder";

/**
 * Opens a file that only this user may read, in a folder that is made if it is not there. Returns its descriptor.
 *
 * @param durable whether a folder that was made survives a power cut
 */
export async function openIn(file: string, flags: string, durable: boolean): Promise<number> {
  try {
    return fs.openSync(file, flags, 0o600);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const made = fs.mkdirSync(path.dirname(file), { recursive: true });
  if (durable && made !== undefined) await syncFolder(path.dirname(made));
  return fs.openSync(file, flags, 0o600);
}
