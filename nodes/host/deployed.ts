import type { FlowCycle } from "./flow-cycle";

type ChangeListener<T> = (id: string, before: T | undefined, after: T | undefined) => void;

/**
 * What the deployed config nodes of one type offer, by node id.
 *
 * A deploy closes a config node before it makes it anew, while other nodes go on. Until all flows run again an entry
 * stays as it was, so that nobody finds a gap.
 */
export class Deployed<T extends object> {
  readonly #entries = new Map<string, T>();
  readonly #leaving = new Map<string, T>();
  readonly #listeners = new Set<ChangeListener<T>>();
  readonly #cycle: FlowCycle;

  constructor(cycle: FlowCycle) {
    this.#cycle = cycle;
    cycle.onRunning(() => {
      for (const [id, value] of this.#leaving) this.#remove(id, value);
      this.#leaving.clear();
    });
  }

  get(id: string): T | undefined {
    return this.#entries.get(id);
  }

  entries(): [string, T][] {
    return [...this.#entries];
  }

  /** Offers `value` under a node's id until the returned function is called, in the node's close listener. */
  offer(id: string, value: T): (removed: boolean) => void {
    const before = this.#entries.get(id);
    this.#entries.set(id, value);
    this.#tell(id, before, value);
    return (removed) => {
      if (removed || this.#cycle.stopsForGood) this.#remove(id, value);
      else this.#leaving.set(id, value);
    };
  }

  /** Calls `listener` whenever an entry comes, changes or goes. Returns the function that ends it. */
  onChange(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #remove(id: string, value: T): void {
    if (this.#entries.get(id) !== value) return;
    this.#entries.delete(id);
    this.#tell(id, value, undefined);
  }

  #tell(id: string, before: T | undefined, after: T | undefined): void {
    for (const listener of [...this.#listeners]) listener(id, before, after);
  }
}
