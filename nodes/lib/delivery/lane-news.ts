import type { Clock } from "../time/clock";
import type { LaneReport } from "./outbox";

const EVERY_MS = 250;

/** Tells how lanes are, but not more often than anyone could read it. */
export class LaneNews {
  readonly #clock: Clock;
  readonly #read: () => LaneReport[];
  readonly #listeners = new Set<(lanes: LaneReport[]) => void>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, read: () => LaneReport[]) {
    this.#clock = clock;
    this.#read = read;
  }

  /** Returns the function that ends it. */
  listen(listener: (lanes: LaneReport[]) => void): () => void {
    this.#listeners.add(listener);
    this.soon();
    return () => this.#listeners.delete(listener);
  }

  /** To be called when something changed. */
  soon(): void {
    if (this.#cancel !== null || this.#listeners.size === 0) return;
    this.#cancel = this.#clock.schedule(EVERY_MS, () => {
      this.#cancel = null;
      const lanes = this.#read();
      for (const listener of this.#listeners) listener(lanes);
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
