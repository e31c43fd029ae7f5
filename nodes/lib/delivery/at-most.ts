import { Fifo } from "./fifo";

/** Lets no more than so many pieces of work go on at the same time; the others wait, in the order in which they came. */
export class AtMost {
  readonly #waiting = new Fifo<() => void>();
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
