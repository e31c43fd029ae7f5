import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers";

const LOOK_EVERY_MS = 20;

/**
 * Counts the bytes that are written into a folder: what files grow by, and all of a file that takes another's place.
 * Nothing is missed that stays for longer than the time between two looks.
 */
export class WrittenBytes {
  readonly #sizes = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #folder: string;
  #total = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#look();
    this.#total = 0;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Ends the count. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#total;
  }

  #look(): void {
    for (const name of readdirSync(this.#folder, { recursive: true, encoding: "utf8" })) {
      const stat = statSync(join(this.#folder, name), { throwIfNoEntry: false });
      if (stat === undefined || !stat.isFile()) continue;
      const file = `${name} ${stat.ino}`;
      this.#total += Math.max(0, stat.size - (this.#sizes.get(file) ?? 0));
      this.#sizes.set(file, stat.size);
    }
  }
}
