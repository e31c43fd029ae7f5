import fs from "node:fs/promises";

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
