import fs from "node:fs/promises";
import path from "node:path";
import { isMissing } from "./append-file";

/**
 * Opens a file that only this user may read, in a folder that is made if it is not there.
 *
 * @param onMade called with the topmost folder that was made
 */
export async function openIn(
  file: string,
  flags: string,
  onMade: (folder: string) => Promise<void> = async () => undefined,
): Promise<fs.FileHandle> {
  try {
    return await fs.open(file, flags, 0o600);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const made = await fs.mkdir(path.dirname(file), { recursive: true });
  if (made !== undefined) await onMade(made);
  return await fs.open(file, flags, 0o600);
}
