import type { AttemptClass } from "../delivery/attempt";

/** How many attempts ended in each class. */
export type ClassCounts = Record<AttemptClass, number>;

/** Counts of one UTC day within one generation. A day on which the integration was re-enabled has two. */
export interface DayCounts extends ClassCounts {
  /** `"2026-11-23"` */
  date: string;
  generation: number;
}

/** Failures of one hour within the current run without a success: enough for rules that look for spacing. */
export interface FailureHour {
  /** Start of the hour, ms. */
  hour: number;
  /** Time of the first failure in it, ms. */
  first: number;
  /** Times of the last failures in it, at most ten, oldest first, ms. */
  last: number[];
  count: number;
}

/** Attempts of one minute, for moving windows. */
export interface MinuteCounts {
  /** Start of the minute, ms. */
  minute: number;
  success: number;
  failure: number;
  noAnswer: number;
}

/** What is remembered of an integration's attempts. Rules read nothing else. Pure data: JSON in and out. */
export interface AttemptHistory {
  /** Newest first, at most 30 UTC days. */
  days: DayCounts[];
  /** Failed attempts in a row within the current generation; 0 after a success. */
  failuresInARow: number;
  /** Time of the last success in the current generation, ms, or null. */
  lastSuccessAt: number | null;
  /** Time of the first failure since then, ms, or null. */
  firstFailureAt: number | null;
  /** Time of the last fatal outcome in the current generation, ms, or null. */
  lastFatalAt: number | null;
  /** Failures since the last success, by hour, oldest first, at most 192 hours. */
  failureHours: FailureHour[];
  /** The last 60 minutes in which attempts ended, oldest first. */
  minutes: MinuteCounts[];
}

export const HISTORY_DAYS = 30;
