import type { StoreCondition } from "../store";

const OK: StoreCondition = { state: "ok" };

/** How the store is: the worst of what is known, told to whoever listens when it changes. */
export class Condition {
  #unwritable: StoreCondition | null = null;
  #full: StoreCondition | null = null;
  #damaged: StoreCondition | null = null;
  readonly #listeners = new Set<(condition: StoreCondition) => void>();

  now(): StoreCondition {
    return this.#unwritable ?? this.#full ?? this.#damaged ?? OK;
  }

  listen(listener: (condition: StoreCondition) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Damage is told until the process ends: someone must look at the file. */
  damaged(damage: { file: string; keptAs: string; problem: string }): void {
    this.#damaged = { state: "damaged", ...damage };
    this.#tell();
  }

  unwritable(problem: string | null): void {
    this.#unwritable = problem === null ? null : { state: "unwritable", problem };
    this.#tell();
  }

  full(problem: string | null): void {
    if ((this.#full === null) === (problem === null)) return;
    this.#full = problem === null ? null : { state: "full", problem };
    this.#tell();
  }

  #tell(): void {
    const condition = this.now();
    for (const listener of this.#listeners) listener(condition);
  }
}
