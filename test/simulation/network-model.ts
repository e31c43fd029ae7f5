const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** An attempt of any kind that ended, also one that is not counted. */
export interface EndedCall {
  integration: string;
  /** When it began and ended. */
  from: number;
  at: number;
  answered: boolean;
}

/** A time in which nobody was reached by what began in it. */
interface Outage {
  after: number;
  until: number;
}

interface SilentCall {
  integration: string;
  from: number;
  wasSilentAlone: boolean;
  /** The integration was disabled since. */
  isForgotten: boolean;
}

/** Who is called at about the same moment as one that answers is called while our network works. */
const ABOUT_THE_SAME_MOMENT = 5_000;

/** What all attempts together say of our own network, as plainly as possible. */
export class NetworkModel {
  /** When each integration was last called, and when it last answered. */
  readonly #contacts = new Map<string, { calledAt: number; answeredAt: number }>();
  readonly #answeredAt = new Map<string, number>();
  /** Integrations that did not answer though others were reached, and when that was seen. */
  readonly #silentAlone = new Map<string, number>();
  /** Calls without an answer that began after the last one known to have reached anyone; in the order in which they ended. */
  #silence: SilentCall[] = [];
  #reachedFrom = Number.NEGATIVE_INFINITY;
  readonly #outages: Outage[] = [];

  ended({ integration, from, at, answered }: EndedCall, isDisabled: boolean): void {
    const contact = this.#contacts.get(integration) ?? { calledAt: at, answeredAt: Number.NEGATIVE_INFINITY };
    if (!isDisabled) this.#contacts.set(integration, { calledAt: at, answeredAt: answered ? at : contact.answeredAt });
    if (answered) {
      this.#answeredAt.set(integration, at);
      if (from > this.#reachedFrom) this.#reached(from, at);
      this.#silentAlone.delete(integration);
    } else if (!isDisabled && from > this.#reachedFrom) {
      const aloneAt = this.#silentAlone.get(integration) ?? Number.NEGATIVE_INFINITY;
      this.#silence.push({ integration, from, wasSilentAlone: at - aloneAt < DAY, isForgotten: false });
    } else if (!isDisabled && !this.#isInOutage(from)) {
      this.#silentAlone.set(integration, at);
    }
  }

  disabled(integration: string): void {
    this.#contacts.delete(integration);
    this.#silentAlone.delete(integration);
    for (const call of this.#silence) if (call.integration === integration) call.isForgotten = true;
  }

  /** Whose doing it is that a call got no answer, as far as is known now. */
  blame(from: number, now: number): "theirs" | "ours" | "unclear" {
    if (this.#isInOutage(from)) return "ours";
    const isOutage = this.#isOutage(now);
    if (from > this.#reachedFrom && isOutage) return "ours";
    const { since, recent, silent } = this.#recent(now);
    if (this.mostAreSilent(now) && silent < recent && !isOutage && from > since) return "ours";
    const answering = [...this.#answeredAt.values()].filter((at) => now - at <= 7 * DAY);
    return from <= this.#reachedFrom || answering.length < 5 ? "theirs" : "unclear";
  }

  /**
   * 80 % or more of at least 5 integrations that are not disabled and were called got no answer: within 5 minutes, or since
   * anyone last answered if that is longer ago, for in an outage there are fewer and fewer calls.
   */
  mostAreSilent(now: number): boolean {
    const { recent, silent } = this.#recent(now);
    return recent >= 5 && silent >= 0.8 * recent;
  }

  #recent(now: number): { since: number; recent: number; silent: number } {
    const since = Math.min(now - 5 * MINUTE, Math.max(...this.#answeredAt.values()));
    const recent = [...this.#contacts.values()].filter(({ calledAt }) => calledAt > since);
    return { since, recent: recent.length, silent: recent.filter(({ answeredAt }) => answeredAt <= since).length };
  }

  /** Someone was reached by a call that began at `from`: what did not get an answer before it is judged. */
  #reached(from: number, at: number): void {
    const clearlyBefore = from - ABOUT_THE_SAME_MOMENT;
    const isOutage = this.#isOutage(clearlyBefore);
    if (isOutage) this.#outages.push({ after: this.#reachedFrom, until: clearlyBefore });
    const calls = this.#silence.filter(({ isForgotten }) => !isForgotten);
    const isLast = (call: SilentCall) =>
      calls.every((other) => other.integration !== call.integration || other.from <= call.from);
    const later = calls.filter((call) => call.from > from && isLast(call)).sort((a, b) => a.from - b.from);
    for (const call of calls) {
      if (later.some(({ integration }) => integration === call.integration)) continue;
      const isBeside = call.from > clearlyBefore || call.from < this.#reachedFrom + ABOUT_THE_SAME_MOMENT;
      if (!isOutage || isBeside) this.#silentAlone.set(call.integration, at);
    }
    this.#silence = later;
    this.#reachedFrom = from;
  }

  /** Whether nobody being reached by what began up to `until` is our doing. */
  #isOutage(until: number): boolean {
    const first = this.#silence[0]?.from ?? until;
    if (!this.#silence.some(({ from }) => from - first >= 30_000 && from <= until)) return false;
    const calls = this.#silence.filter(({ isForgotten }) => !isForgotten);
    const integrations = [...new Set(calls.filter(({ from }) => from <= until).map(({ integration }) => integration))];
    const before = integrations.filter(
      (integration) => calls.find((call) => call.integration === integration)?.wasSilentAlone,
    );
    return integrations.length >= 5 && before.length <= integrations.length / 2;
  }

  #isInOutage(from: number): boolean {
    return this.#outages.some(({ after, until }) => after < from && from <= until);
  }
}
