import fs from "node:fs";

/** Makes what was written to a file survive a power cut. */
export function syncFile(file: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(file, (error) => (error === null ? resolve() : reject(error)));
  });
}
