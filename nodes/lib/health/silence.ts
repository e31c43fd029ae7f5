import { SECOND_MS } from "../time/utc-day";

/** So many integrations must be silent together before it is taken for our own outage. */
export const ENOUGH = 5;
/** Our network worked for whatever began within less of an attempt that was answered: all are called at about the same moment. */
export const BESIDE_MS = 5 * SECOND_MS;
/** Several integrations of one receiver that is down are called at the same moment: attempts must be silent for longer. */
const SHORTEST_OUTAGE_MS = 30 * SECOND_MS;

/** An integration without an answer: when the first and the last of its attempts began, ms. */
interface Silent {
  firstAt: number;
  lastAt: number;
  /** It had been silent by itself before. */
  wasSilent: boolean;
  /** One of its attempts began just after the last that was answered. */
  isBeside: boolean;
}

/** What a silence turns out to have been when somebody is reached again. */
export interface BrokenSilence {
  isOurs: boolean;
  /** Integrations that were silent while others were reached. */
  alone: string[];
  /** What began later is silent still. */
  rest: Silence;
}

/** The attempts without an answer that began after the last one known to have been answered. */
export class Silence {
  readonly #silent = new Map<string, Silent>();
  /** How many of them had been silent by themselves before. */
  #silentBefore = 0;
  /** When the attempt began that was the first to end, ms. */
  #firstAt: number | null = null;
  /** When the first attempt began that shows a silence long enough, ms. */
  #longAt = Number.POSITIVE_INFINITY;

  /** @param after when the last attempt began that was answered, ms */
  constructor(readonly after: number) {}

  /** @param wasSilent whether it had been silent by itself before; looked at only for its first attempt */
  note(integration: string, startedAt: number, wasSilent: boolean): void {
    this.#firstAt ??= startedAt;
    if (startedAt - this.#firstAt >= SHORTEST_OUTAGE_MS) this.#longAt = Math.min(this.#longAt, startedAt);
    const isBeside = startedAt - this.after < BESIDE_MS;
    const known = this.#silent.get(integration);
    if (known === undefined) {
      this.#silent.set(integration, { firstAt: startedAt, lastAt: startedAt, wasSilent, isBeside });
      if (wasSilent) this.#silentBefore += 1;
      return;
    }
    known.firstAt = Math.min(known.firstAt, startedAt);
    known.lastAt = Math.max(known.lastAt, startedAt);
    known.isBeside ||= isBeside;
  }

  forget(integration: string): void {
    if (this.#silent.get(integration)?.wasSilent === true) this.#silentBefore -= 1;
    this.#silent.delete(integration);
  }

  /** Whether it is our doing, by what is known while nobody has been reached. */
  isOurs(): boolean {
    return Number.isFinite(this.#longAt) && isOurDoing(this.#silent.size, this.#silentBefore);
  }

  /** An attempt was answered that began at `reachedAt`, ms. */
  brokenBy(reachedAt: number): BrokenSilence {
    const clearlyBefore = reachedAt - BESIDE_MS;
    const before = [...this.#silent.values()].filter(({ firstAt }) => firstAt <= clearlyBefore);
    const silentBefore = before.filter(({ wasSilent }) => wasSilent).length;
    const isOurs = this.#longAt <= clearlyBefore && isOurDoing(before.length, silentBefore);
    const ended = [...this.#silent].filter(([, { lastAt }]) => lastAt <= reachedAt);
    const alone = ended.filter(([, { lastAt, isBeside }]) => !isOurs || isBeside || lastAt > clearlyBefore);
    return { isOurs, alone: alone.map(([integration]) => integration), rest: this.#since(reachedAt) };
  }

  /** Of each integration its last attempt, if that began later than `after`, ms. */
  #since(after: number): Silence {
    const rest = new Silence(after);
    const later = [...this.#silent].filter(([, { lastAt }]) => lastAt > after);
    later.sort(([, a], [, b]) => a.lastAt - b.lastAt);
    for (const [integration, { lastAt, wasSilent }] of later) rest.note(integration, lastAt, wasSilent);
    return rest;
  }
}

function isOurDoing(silent: number, silentBefore: number): boolean {
  return silent >= ENOUGH && silentBefore * 2 <= silent;
}
