import fs from "node:fs";
import path from "node:path";

const WRITING = ["writeSync", "writeFileSync", "renameSync"] as const;

/** The most bytes that all files below a folder ever had, looked at after each write. */
export class PeakBytes {
  bytes = 0;
  readonly #real = Object.fromEntries(WRITING.map((name) => [name, fs[name]]));

  constructor(folder: string) {
    for (const name of WRITING) {
      const real = fs[name];
      const looking = (...given: unknown[]): unknown => {
        const returned: unknown = Reflect.apply(real, fs, given);
        this.bytes = Math.max(this.bytes, bytesBelow(folder));
        return returned;
      };
      Object.assign(fs, { [name]: looking });
    }
  }

  /** Looks no more. */
  end(): void {
    Object.assign(fs, this.#real);
  }
}

function bytesBelow(folder: string): number {
  let sum = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const found = path.join(folder, entry.name);
    sum += entry.isDirectory() ? bytesBelow(found) : (fs.statSync(found, { throwIfNoEntry: false })?.size ?? 0);
  }
  return sum;
}
