import { DAY_MS, MINUTE_MS } from "../time/utc-day";
import { ByRecency } from "./by-recency";
import { isOwnOutage, type Reach, RecentContacts } from "./reach";
import { BESIDE_MS, ENOUGH, Silence } from "./silence";

/** A time in which our own network seems to have been down: attempts that began after `after` and up to `until`, ms. */
export interface Outage {
  after: number;
  until: number;
}

/** What is known of our own network at some moment. Plain JSON. */
export interface NetworkFacts {
  /** It worked for an attempt that began at this time, ms. */
  workedAt: number;
  /** When it seems to have been down. */
  outages: Outage[];
}

/** Whose doing it is that an attempt got no answer. */
export type Blame = "theirs" | "ours" | "unclear";

/** An attempt of any kind, as far as it says something of our own network. */
export interface Contact {
  integration: string;
  /** When the attempt began and ended, ms. */
  startedAt: number;
  at: number;
  answered: boolean;
  /** False for a disabled integration, which only gets tests and replays: its silence says nothing. */
  active: boolean;
}

/** After so long it is forgotten that an integration was silent by itself. */
const SILENCE_KNOWN_MS = DAY_MS;
/** After so long it is forgotten that an integration answered. */
const ANSWER_KNOWN_MS = 7 * DAY_MS;
const OUTAGES_KEPT = 20;
/** A clock that is set back by less stands still for so long; by more, what was known is of no use. */
const JITTER_MS = MINUTE_MS;

/**
 * Tells our own outages from theirs, by the attempts of all integrations:
 *
 * - Between two attempts that were answered, taken by when they began, nobody was reached. If attempts that began 30 seconds
 *   apart or more got no answer meanwhile, from 5 or more active integrations, at least half of which had not been silent by
 *   themselves in the day before, we were down. What began less than 5 seconds before the second of the two says nothing of
 *   that: the network worked then, and who is called at the same moment and gets no answer is silent by itself.
 * - While nobody has been reached since an attempt began, it is unclear; but only if 5 integrations have answered within a
 *   week, since fewer could never make it clear.
 * - Where some are reached, but 80 % of at least 5 active integrations got no answer within 5 minutes, we are down, too.
 */
export class NetworkWatch {
  #contacts = new RecentContacts();
  /** The last few that answered. */
  readonly #answering = new ByRecency();
  /** Since an attempt was last answered, by when it began. */
  #silence = new Silence(0);
  /** Integrations that were silent while others were reached. */
  readonly #silentAlone = new ByRecency();
  #outages: Outage[] = [];
  #newestAt = 0;

  /** To be told of each attempt, in the order in which they end. */
  note(contact: Contact): void {
    const { integration, answered, active } = contact;
    const at = this.#inOrder(contact.at);
    const startedAt = Math.min(contact.startedAt, at);
    if (active) this.#contacts.note(integration, at, answered);
    if (answered) this.#reached(integration, startedAt, at);
    else if (active) this.#missed(integration, startedAt, at);
  }

  /** An integration was disabled: it starts anew when it is enabled. */
  forget(integration: string): void {
    this.#contacts.forget(integration);
    this.#silentAlone.delete(integration);
    this.#silence.forget(integration);
  }

  reach(nowMs: number): Reach {
    return this.#contacts.reach(nowMs);
  }

  /** What is known now that matters for attempts that began at `since` or later, ms. */
  facts(since: number, nowMs: number): NetworkFacts {
    const outages = this.#outages.filter(({ until }) => until >= since);
    const reach = this.reach(nowMs);
    const workedAt = this.#silence.after;
    if (this.#silence.isOurs()) {
      outages.push({ after: workedAt, until: nowMs });
    } else if (isOwnOutage(reach) && reach.withoutAnswer < reach.active) {
      outages.push({ after: this.#contacts.reachesBackTo(nowMs), until: nowMs });
    }
    return { workedAt: this.#canBecomeClear(nowMs) ? workedAt : nowMs, outages };
  }

  #reached(integration: string, startedAt: number, at: number): void {
    this.#answering.saw(integration, at);
    if (this.#answering.size > ENOUGH) this.#answering.deleteOldest();
    if (startedAt > this.#silence.after) this.#endSilence(startedAt, at);
    this.#silentAlone.delete(integration);
  }

  #missed(integration: string, startedAt: number, at: number): void {
    if (startedAt <= this.#silence.after) {
      if (!this.#outages.some((outage) => isWithin(startedAt, outage))) this.#silentAlone.saw(integration, at);
      return;
    }
    this.#silentAlone.deleteThrough(at - SILENCE_KNOWN_MS);
    this.#silence.note(integration, startedAt, this.#silentAlone.has(integration));
  }

  /** Someone was reached by an attempt that began at `reachedAt`. */
  #endSilence(reachedAt: number, at: number): void {
    const { isOurs, alone, rest } = this.#silence.brokenBy(reachedAt);
    const outage = { after: this.#silence.after, until: reachedAt - BESIDE_MS };
    if (isOurs) this.#outages = [...this.#outages.slice(1 - OUTAGES_KEPT), outage];
    for (const integration of alone) this.#silentAlone.saw(integration, at);
    this.#silence = rest;
  }

  #canBecomeClear(nowMs: number): boolean {
    const { size, oldestAt } = this.#answering;
    return size === ENOUGH && oldestAt !== null && nowMs - oldestAt <= ANSWER_KNOWN_MS;
  }

  #inOrder(at: number): number {
    if (at < this.#newestAt - JITTER_MS) {
      this.#forgetAll();
      this.#newestAt = at;
    }
    this.#newestAt = Math.max(this.#newestAt, at);
    return this.#newestAt;
  }

  #forgetAll(): void {
    this.#contacts = new RecentContacts();
    this.#answering.clear();
    this.#silence = new Silence(0);
    this.#silentAlone.clear();
    this.#outages = [];
  }
}

/** Whose doing it is, by what is known, that an attempt which began at `startedAt` got no answer. */
export function blameFor(startedAt: number, { workedAt, outages }: NetworkFacts): Blame {
  if (outages.some((outage) => isWithin(startedAt, outage))) return "ours";
  return startedAt <= workedAt ? "theirs" : "unclear";
}

function isWithin(time: number, { after, until }: Outage): boolean {
  return time > after && time <= until;
}
