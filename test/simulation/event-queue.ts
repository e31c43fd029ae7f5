/** Something that is to happen at a time. */
export interface PlannedEvent {
  at: number;
  happen: () => void | Promise<void>;
}

interface Entry extends PlannedEvent {
  order: number;
}

/** What is to happen, by time; what is planned for the same time happens in the order in which it was planned. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextAt(): number | null {
    return this.#heap[0]?.at ?? null;
  }

  plan(at: number, happen: PlannedEvent["happen"]): void {
    const heap = this.#heap;
    const entry = { at, happen, order: this.#order++ };
    heap.push(entry);
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) break;
      child = parent;
    }
  }

  next(): PlannedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const child = this.#isLater(left, left + 1) ? left + 1 : left;
      if (!this.#swapIfLater(parent, child)) break;
      parent = child;
    }
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #isLater(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.at > other.at || (one.at === other.at && one.order > other.order);
  }

  #swapIfLater(parent: number, child: number): boolean {
    const [one, other] = [this.#heap[parent], this.#heap[child]];
    if (one === undefined || other === undefined || !this.#isLater(parent, child)) return false;
    this.#heap[parent] = other;
    this.#heap[child] = one;
    return true;
  }
}
