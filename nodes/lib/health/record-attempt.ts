import type { AttemptClass, Reason } from "../delivery/attempt";
import { MINUTE_MS, utcDay } from "../time/utc-day";
import {
  type AttemptHistory,
  type DayCounts,
  HISTORY_DAYS,
  HISTORY_MINUTES,
  type MinuteCounts,
  SPREAD_FAILURES,
} from "./attempt-history";
import { advanceClocks } from "./spread-clock";

/** An attempt as it is counted. */
export interface CountedAttempt {
  class: AttemptClass;
  /** When it is counted, ms: the time now of whoever counts, not a time that somebody else reports. */
  at: number;
  /** The integration's generation. One older than the history's is not counted, a newer one starts with a clean slate. */
  generation: number;
  /** Why it failed, for the explanations; null or absent if it succeeded or nobody knows. */
  reason?: Reason | null;
}

const REASONS_KEPT = 10;

/** The history of an integration of which nothing is known. */
export function emptyHistory(): AttemptHistory {
  return {
    generation: 1,
    newestAt: null,
    days: [],
    failuresInARow: 0,
    lastSuccessAt: null,
    firstFailureAt: null,
    lastFailures: [],
    clocks: [],
    reasons: [],
    lastFatalAt: null,
    lastFatalReason: null,
    minutes: [],
  };
}

/**
 * Counts an attempt; changes `history`. Order is the order of the calls. A time before that of the last call means that
 * the clock was set back: moments that now lie in the future are taken for now, so that nothing breaks the earlier for
 * it; days and minutes stay where they were counted.
 */
export function recordAttempt(history: AttemptHistory, attempt: CountedAttempt): void {
  if (attempt.generation < history.generation) return;
  if (attempt.generation > history.generation) startGeneration(history, attempt.generation);
  const { at } = attempt;
  if (history.newestAt !== null && at < history.newestAt) setBack(history, at);
  history.newestAt = at;
  dayOf(history.days, utcDay(at), attempt.generation)[attempt.class]++;
  countMinute(history, attempt.class, at);
  if (attempt.class === "success") {
    endRun(history);
    history.lastSuccessAt = at;
  } else {
    extendRun(history, at, attempt.reason ?? null);
    if (attempt.class === "fatal") {
      history.lastFatalAt = at;
      history.lastFatalReason = attempt.reason ?? null;
    }
  }
}

/** A clean slate for a new generation; changes `history`. Days stay for charts, under their generation. */
export function startGeneration(history: AttemptHistory, generation: number): void {
  history.generation = generation;
  history.lastSuccessAt = null;
  history.lastFatalAt = null;
  history.lastFatalReason = null;
  history.minutes = [];
  endRun(history);
}

function endRun(history: AttemptHistory): void {
  if (history.failuresInARow === 0) return;
  history.failuresInARow = 0;
  history.firstFailureAt = null;
  history.lastFailures = [];
  history.clocks = [];
  history.reasons = [];
}

function extendRun(history: AttemptHistory, at: number, reason: Reason | null): void {
  advanceClocks(history, at);
  history.failuresInARow++;
  history.firstFailureAt ??= at;
  history.lastFailures.push(at);
  if (history.lastFailures.length > SPREAD_FAILURES) history.lastFailures.shift();
  if (reason !== null) countReason(history, reason);
}

/** A receiver may answer with ever new status codes: the one seen least makes room. */
function countReason({ reasons }: AttemptHistory, reason: Reason): void {
  let least = reasons[0];
  for (const known of reasons) {
    if (known.reason === reason) {
      known.count++;
      return;
    }
    if (least === undefined || known.count < least.count) least = known;
  }
  if (reasons.length < REASONS_KEPT || least === undefined) {
    reasons.push({ reason, count: 1 });
  } else {
    least.reason = reason;
    least.count = 1;
  }
}

function countMinute(history: AttemptHistory, attemptClass: AttemptClass, at: number): void {
  const minute = minuteOf(history, Math.floor(at / MINUTE_MS) * MINUTE_MS);
  if (attemptClass === "success") minute.success++;
  else minute.failure++;
  if (attemptClass === "noAnswer") minute.noAnswer++;
}

function minuteOf(history: AttemptHistory, minute: number): MinuteCounts {
  const last = history.minutes.at(-1);
  if (last?.minute === minute) return last;
  // A minute ahead may be the clock's jitter; more than that is a clock set back, and those minutes are not to come again.
  const kept = history.minutes.filter(
    (known) => known.minute > minute - HISTORY_MINUTES * MINUTE_MS && known.minute <= minute + MINUTE_MS,
  );
  const known = kept.find((candidate) => candidate.minute === minute);
  const found = known ?? { minute, success: 0, failure: 0, noAnswer: 0 };
  if (known === undefined) kept.push(found);
  history.minutes = kept.sort((a, b) => a.minute - b.minute);
  return found;
}

function dayOf(days: DayCounts[], date: string, generation: number): DayCounts {
  let index = 0;
  for (let day = days[index]; day !== undefined && day.date >= date; day = days[++index]) {
    if (day.date === date) {
      if (day.generation === generation) return day;
      break;
    }
  }
  const day: DayCounts = {
    date,
    generation,
    success: 0,
    http4xx: 0,
    http429: 0,
    http5xx: 0,
    otherAnswer: 0,
    noAnswer: 0,
    fatal: 0,
  };
  days.splice(index, 0, day);
  joinOlderGenerations(days, index);
  // By number, not by age: one attempt under a clock that is far ahead must not wipe the charts.
  while (new Set(days.map((known) => known.date)).size > HISTORY_DAYS) days.pop();
  return day;
}

/** However often an integration is enabled within a day, the day has two entries. */
function joinOlderGenerations(days: DayCounts[], index: number): void {
  const [newest, older, oldest] = days.slice(index, index + 3);
  if (newest === undefined || older?.date !== newest.date || oldest?.date !== newest.date) return;
  older.success += oldest.success;
  older.http4xx += oldest.http4xx;
  older.http429 += oldest.http429;
  older.http5xx += oldest.http5xx;
  older.otherAnswer += oldest.otherAnswer;
  older.noAnswer += oldest.noAnswer;
  older.fatal += oldest.fatal;
  days.splice(index + 2, 1);
}

function setBack(history: AttemptHistory, at: number): void {
  const notLater = (time: number) => Math.min(time, at);
  if (history.lastSuccessAt !== null) history.lastSuccessAt = notLater(history.lastSuccessAt);
  if (history.firstFailureAt !== null) history.firstFailureAt = notLater(history.firstFailureAt);
  if (history.lastFatalAt !== null) history.lastFatalAt = notLater(history.lastFatalAt);
  history.lastFailures = history.lastFailures.map(notLater);
  for (const clock of history.clocks) {
    clock.earliest = notLater(clock.earliest);
    clock.startedAt = clock.startedAt.map(notLater);
  }
}
