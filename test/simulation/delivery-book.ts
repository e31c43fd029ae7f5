import type { GaveUp } from "../../nodes/lib/delivery/attempt";

interface Entry {
  delivered: number;
  givenUp: number;
  /** How often the receiver took it. */
  taken: number;
}

/** Keeps account of every webhook that was accepted, by (integration, id). */
export class DeliveryBook {
  readonly givenUp = new Map<GaveUp, number>();
  delivered = 0;
  takenTwice = 0;
  readonly #entries = new Map<string, Entry>();

  get accepted(): number {
    return this.#entries.size;
  }

  accept(id: string): void {
    this.#entries.set(id, { delivered: 0, givenUp: 0, taken: 0 });
  }

  take(id: string): void {
    this.#entry(id).taken += 1;
  }

  settle(id: string, gaveUp: GaveUp | null): void {
    const entry = this.#entry(id);
    if (gaveUp === null) {
      entry.delivered += 1;
      this.delivered += 1;
    } else {
      entry.givenUp += 1;
      this.givenUp.set(gaveUp, (this.givenUp.get(gaveUp) ?? 0) + 1);
    }
  }

  /** What is not exactly one of delivered and given up, or is said to be what it is not. */
  problems(): string[] {
    const problems: string[] = [];
    for (const [id, { delivered, givenUp, taken }] of this.#entries) {
      if (delivered + givenUp !== 1) problems.push(`${id} was delivered ${delivered} and given up ${givenUp} times`);
      else if (delivered === 1 && taken === 0)
        problems.push(`${id} is said to be delivered, the receiver has not got it`);
      if (taken > 1) this.takenTwice += 1;
    }
    return problems;
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`${id} was never accepted`);
    return entry;
  }
}
