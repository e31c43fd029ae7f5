import { HOUR_MS, utcDay } from "../time/utc-day";
import type { AttemptHistory } from "./attempt-history";
import { blameFor, type NetworkFacts } from "./network-watch";
import { type CountedAttempt, recordAttempt } from "./record-attempt";

/** An attempt as it is counted, and when it began, ms. */
export interface TimedAttempt extends CountedAttempt {
  startedAt: number;
}

/** What of an integration's history is held against it: all but what may be our own network's doing. Plain JSON. */
export interface FairHistory {
  history: AttemptHistory;
  /** Attempts without an answer of which it is not clear yet whose doing they are, and what came after them; oldest first. */
  unclear: TimedAttempt[];
  /** When an attempt was last left out, ms, or null. */
  leftOutAt: number | null;
}

/** So many attempts may be unclear: with more, the oldest are left out. */
const MOST_UNCLEAR = 100;

/**
 * What is held against an integration after one more attempt; changes `fair`. Null while that is the whole `history`.
 *
 * Each attempt is held against it or left out once and for all, in the order in which they ended, at the latest when the
 * integration answers: an attempt is left out if it got no answer and our own network was down.
 *
 * @param history without the attempt
 * @param network what is known of our own network; absent if that changes nothing
 */
export function holdAgainst(
  fair: FairHistory | null,
  history: AttemptHistory,
  attempt: TimedAttempt,
  network: NetworkFacts | undefined,
): FairHistory | null {
  if (fair === null && network === undefined) return null;
  const held = fair ?? { history: structuredClone(history), unclear: [], leftOutAt: null };
  held.unclear.push(attempt);
  makeClear(held, network ?? { workedAt: attempt.startedAt, outages: [] }, attempt);
  return isWhole(held, attempt) ? null : held;
}

function makeClear(held: FairHistory, network: NetworkFacts, last: TimedAttempt): void {
  const { unclear } = held;
  const isAnswered = last.class !== "noAnswer";
  for (let first = unclear[0]; first !== undefined; first = unclear[0]) {
    const blame = first.class === "noAnswer" ? blameFor(Math.min(first.startedAt, last.at), network) : "theirs";
    const isUnclear = blame === "unclear" && !isAnswered;
    if (isUnclear && unclear.length <= MOST_UNCLEAR) return;
    unclear.shift();
    if (blame === "ours" || isUnclear) held.leftOutAt = first.at;
    else recordAttempt(held.history, first);
  }
}

/** Whether no rule can see a difference any more: a success ends each run, and days before its own are not looked at. */
function isWhole({ unclear, leftOutAt }: FairHistory, last: TimedAttempt): boolean {
  if (unclear.length > 0) return false;
  if (leftOutAt === null) return true;
  return last.class === "success" && utcDay(last.at) !== utcDay(leftOutAt) && last.at - leftOutAt > HOUR_MS;
}
