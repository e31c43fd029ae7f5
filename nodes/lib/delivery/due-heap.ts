/** Things by the time at which they are due: the earliest is always at hand. A binary heap. */
export class DueHeap<T> {
  readonly #times: number[] = [];
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** When the earliest is due, ms, or null if there is none. */
  earliest(): number | null {
    return this.#times[0] ?? null;
  }

  push(at: number, item: T): void {
    let index = this.#items.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentAt = this.#times[parent] as number;
      if (parentAt <= at) break;
      this.#set(index, parentAt, this.#items[parent] as T);
      index = parent;
    }
    this.#set(index, at, item);
  }

  /** Takes the earliest if it is due at `now`. */
  popDue(now: number): T | undefined {
    const earliest = this.#times[0];
    if (earliest === undefined || earliest > now) return undefined;
    const top = this.#items[0] as T;
    const at = this.#times.pop() as number;
    const item = this.#items.pop() as T;
    if (this.#items.length > 0) this.#sink(at, item);
    return top;
  }

  #sink(at: number, item: T): void {
    const size = this.#items.length;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && (this.#times[child + 1] as number) < (this.#times[child] as number)) child += 1;
      const childAt = this.#times[child] as number;
      if (childAt >= at) break;
      this.#set(index, childAt, this.#items[child] as T);
      index = child;
    }
    this.#set(index, at, item);
  }

  #set(index: number, at: number, item: T): void {
    this.#times[index] = at;
    this.#items[index] = item;
  }
}
