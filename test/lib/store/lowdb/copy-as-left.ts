import fs from "node:fs";
import path from "node:path";
import { isMissing } from "../../../../nodes/lib/store/lowdb/append-file";

/** Copies a store's folder, in one go, as a crash at this moment would leave it. */
export function copyAsLeft(folder: string, copy: string): void {
  for (;;) {
    try {
      fs.cpSync(folder, copy, { recursive: true, filter: (source) => path.basename(source) !== "lock" });
      return;
    } catch (error) {
      // A segment that was listed has been deleted since: what the copy would show never was on disk.
      if (!isMissing(error) || !fs.existsSync(folder)) throw error;
      fs.rmSync(copy, { recursive: true, force: true });
    }
  }
}
