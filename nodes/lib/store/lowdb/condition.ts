import type { StoreCondition } from "../store";

const OK: StoreCondition = { state: "ok" };

/** A file that could not be read, and where it is kept. */
interface Damage {
  file: string;
  keptAs: string;
  problem: string;
}

/** How the store is: the worst of what is known, told to whoever listens when it changes. */
export class Condition {
  #unwritable: string | null = null;
  #full: string | null = null;
  readonly #damages: Damage[] = [];
  readonly #listeners = new Set<(condition: StoreCondition) => void>();

  now(): StoreCondition {
    if (this.#unwritable !== null) return { state: "unwritable", problem: this.#unwritable };
    if (this.#full !== null) return { state: "full", problem: this.#full };
    const [first, ...more] = this.#damages;
    if (first === undefined) return OK;
    if (more.length === 0) return { state: "damaged", ...first };
    const others = more.map(({ keptAs }) => keptAs).join(", ");
    return { state: "damaged", ...first, problem: `${first.problem}; the same with ${others}` };
  }

  listen(listener: (condition: StoreCondition) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Damage is told until the process ends: someone must look at the files. */
  damaged(damage: Damage): void {
    this.#damages.push(damage);
    this.#tell();
  }

  unwritable(problem: string | null): void {
    if (this.#unwritable === problem) return;
    this.#unwritable = problem;
    this.#tell();
  }

  full(problem: string | null): void {
    const changes = (this.#full === null) !== (problem === null);
    this.#full = problem;
    if (changes) this.#tell();
  }

  #tell(): void {
    const condition = this.now();
    for (const listener of this.#listeners) listener(condition);
  }
}
