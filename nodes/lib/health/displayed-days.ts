import { DAY_MS, utcDay } from "../time/utc-day";
import { type AttemptHistory, type DayCounts, HISTORY_DAYS } from "./attempt-history";

/** A UTC day as `msg.health.days` shows it, over all generations. */
export interface DisplayedDay {
  /** `"2026-11-23"` */
  date: string;
  success: number;
  /** Any answer but 2xx and fatal ones. */
  error: number;
  timeout: number;
  fatal: number;
}

/** The days with attempts among today and the 29 before it, newest first. Days after today (a clock set back) are left out. */
export function displayedDays(history: Pick<AttemptHistory, "days">, nowMs: number): DisplayedDay[] {
  const today = utcDay(nowMs);
  const oldest = utcDay(nowMs - (HISTORY_DAYS - 1) * DAY_MS);
  return mergedDays(history.days.filter(({ date }) => date <= today && date >= oldest));
}

/** Counts by day, in the order given; entries of the same day, which must be neighbours, become one. */
export function mergedDays(days: readonly DayCounts[]): DisplayedDay[] {
  const merged: DisplayedDay[] = [];
  for (const day of days) {
    let shown = merged.at(-1);
    if (shown?.date !== day.date) {
      shown = { date: day.date, success: 0, error: 0, timeout: 0, fatal: 0 };
      merged.push(shown);
    }
    shown.success += day.success;
    shown.error += day.http4xx + day.http429 + day.http5xx + day.otherAnswer;
    shown.timeout += day.noAnswer;
    shown.fatal += day.fatal;
  }
  return merged;
}
