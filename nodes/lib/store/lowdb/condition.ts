import fs from "node:fs/promises";
import type { Clock } from "../../time/clock";
import { MINUTE_MS } from "../../time/utc-day";
import type { Damage, StoreCondition } from "../store";
import { isMissing } from "./append-file";

const OK: StoreCondition = { state: "ok" };

/** How the store is: the worst of what is known, told to whoever listens when it changes. */
export class Condition {
  #unwritable: string | null = null;
  #full: string | null = null;
  #damages: Damage[] = [];
  #cancelLook: (() => void) | null = null;
  #closed = false;
  readonly #clock: Clock;
  readonly #listeners = new Set<(condition: StoreCondition) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): StoreCondition {
    if (this.#unwritable !== null) return { state: "unwritable", problem: this.#unwritable };
    if (this.#full !== null) return { state: "full", problem: this.#full };
    const [first, ...more] = this.#damages;
    if (first === undefined) return OK;
    return { state: "damaged", damages: [first, ...more] };
  }

  listen(listener: (condition: StoreCondition) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * A file is damaged. What is lost by it is told once, however often it is stumbled over, and until nobody keeps the file
   * any more: someone has looked at it then.
   */
  damaged(damage: Damage): void {
    if (this.#damages.some((known) => isSame(known, damage))) return;
    this.#damages.push(damage);
    this.#lookLater();
    this.#tell();
  }

  /** A damaged file that could not be moved at first is kept under another name by now. That is told anew. */
  keptAside(file: string, keptAs: string): void {
    const isMoved = (damage: Damage) => damage.file === file && damage.keptAs === file;
    if (!this.#damages.some(isMoved)) return;
    this.#damages = this.#damages.map((damage) => (isMoved(damage) ? { ...damage, keptAs } : damage));
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

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#cancelLook ??= this.#clock.schedule(MINUTE_MS, () => {
      this.#cancelLook = null;
      void this.#look();
    });
  }

  /** Whether what was kept aside is still there. */
  async #look(): Promise<void> {
    const looked = await Promise.all(
      this.#damages.map(async (damage) => ({ damage, isThere: await exists(damage.keptAs) })),
    );
    const gone = new Set(looked.filter(({ isThere }) => !isThere).map(({ damage }) => damage));
    this.#damages = this.#damages.filter((damage) => !gone.has(damage));
    if (gone.size > 0) this.#tell();
    if (this.#damages.length > 0) this.#lookLater();
  }

  #tell(): void {
    const condition = this.now();
    for (const listener of this.#listeners) listener(condition);
  }
}

function isSame(a: Damage, b: Damage): boolean {
  return a.file === b.file && a.keptAs === b.keptAs && a.consequence === b.consequence;
}

async function exists(file: string): Promise<boolean> {
  return await fs.lstat(file).then(
    () => true,
    (error: unknown) => !isMissing(error),
  );
}
