import type { AttemptClass, Reason } from "../delivery/attempt";

/** How many attempts ended in each class. */
export type ClassCounts = Record<AttemptClass, number>;

/** Counts of one UTC day within one generation. A day on which the integration was re-enabled has two. */
export interface DayCounts extends ClassCounts {
  /** `"2026-11-23"` */
  date: string;
  generation: number;
}

/** Attempts of one minute, for moving windows. */
export interface MinuteCounts {
  /** Start of the minute, ms. */
  minute: number;
  success: number;
  failure: number;
  noAnswer: number;
}

/** How often a reason was seen since the last success. */
export interface ReasonCount {
  reason: Reason;
  count: number;
}

/**
 * Whether failures of the current run are so spread out that they mean more than a hiccup: a number of them within
 * `spanHours`, the first and the last at least half of that apart.
 */
export interface SpreadClock {
  spanHours: number;
  /** Time of the earliest failure within the span before the newest one, ms. Of no use once all clocks have started. */
  earliest: number;
  /** When 1, 2, … 10 failures were first spread out so, ms. Shorter while it has not happened for so many. */
  startedAt: number[];
}

/**
 * What is remembered of an integration's attempts; rules read nothing else. Pure data: JSON in and out, and bounded: a few
 * kB whatever happens. Everything but `days` is of the current generation only.
 */
export interface AttemptHistory {
  generation: number;
  /** Time of the last attempt counted, ms, or null. */
  newestAt: number | null;
  /** Newest first, at most 30 UTC days, at most two entries for each: one of the newest generation, one of those before. */
  days: DayCounts[];
  /** Failed attempts in a row; 0 after a success. */
  failuresInARow: number;
  /** Time of the last success, ms, or null. */
  lastSuccessAt: number | null;
  /** Time of the first failure since then, ms, or null. */
  firstFailureAt: number | null;
  /** Times of the last failures since then, at most ten, oldest first, ms. */
  lastFailures: number[];
  /** One for each of {@link SPANS_HOURS}; empty while there is no failure since the last success. */
  clocks: SpreadClock[];
  /** Why the failures since the last success failed: the ten seen most, in no order. */
  reasons: ReasonCount[];
  /** Time of the last fatal outcome, ms, or null. */
  lastFatalAt: number | null;
  /** `"http-410"`; any other one means that a response header asked for it; null if it is not known. */
  lastFatalReason: Reason | null;
  /** Minutes of the last hour in which attempts ended, oldest first. */
  minutes: MinuteCounts[];
}

export const HISTORY_DAYS = 30;
export const HISTORY_MINUTES = 60;

/** The spans in which failures are looked for, in hours. A clock for each is kept, since rules come later than failures. */
export const SPANS_HOURS = [2, 6, 12, 24, 48] as const;

/** Up to how many failures within a span are told apart. */
export const SPREAD_FAILURES = 10;
