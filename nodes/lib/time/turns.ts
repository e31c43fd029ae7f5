/** Lets work on the same key happen one after the other, in the order in which it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled: Promise<void> = turn.then(
      () => this.#done(key, settled),
      () => this.#done(key, settled),
    );
    this.#last.set(key, settled);
    return turn;
  }

  #done(key: string, settled: Promise<unknown>): void {
    if (this.#last.get(key) === settled) this.#last.delete(key);
  }
}
