import { MINUTE_MS } from "../time/utc-day";
import { ByRecency } from "./by-recency";

/** How many integrations are active, and how many of them got no answer in the last five minutes. */
export interface Reach {
  active: number;
  withoutAnswer: number;
}

/** Within this time an integration must have answered, or it counts as without answer. */
const REACH_MS = 5 * MINUTE_MS;

/** Whether no answers are more likely our own outage than theirs: from 80 % of at least 5 active integrations. */
export function isOwnOutage({ active, withoutAnswer }: Reach): boolean {
  return active >= 5 && withoutAnswer * 10 >= active * 8;
}

/** Who was tried of late, and who of them answered. */
export class RecentContacts {
  readonly #tried = new ByRecency();
  readonly #answered = new ByRecency();
  /** When any of them last answered, ms. */
  #lastAnswerAt = 0;

  /** @param at not before that of the last call, ms */
  note(integration: string, at: number, answered: boolean): void {
    this.#tried.saw(integration, at);
    if (answered) {
      this.#answered.saw(integration, at);
      this.#lastAnswerAt = at;
    }
    this.#forgetWhatIsPast(at);
  }

  forget(integration: string): void {
    this.#tried.delete(integration);
    this.#answered.delete(integration);
  }

  reach(nowMs: number): Reach {
    this.#forgetWhatIsPast(nowMs);
    return { active: this.#tried.size, withoutAnswer: this.#tried.size - this.#answered.size };
  }

  /**
   * Attempts that ended after this time are looked at, ms. In an outage of ours fewer and fewer are made: then all that
   * were made since anyone last answered.
   */
  reachesBackTo(nowMs: number): number {
    return Math.min(nowMs - REACH_MS, this.#lastAnswerAt);
  }

  #forgetWhatIsPast(nowMs: number): void {
    const since = this.reachesBackTo(nowMs);
    this.#tried.deleteThrough(since);
    this.#answered.deleteThrough(since);
  }
}
