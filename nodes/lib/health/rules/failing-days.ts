import { DAY_MS, startOfUtcDay, utcDay } from "../../time/utc-day";
import { HISTORY_DAYS } from "../attempt-history";
import { failedAttempts } from "../day-counts";
import { counted, momentInWords, mostOften } from "../failure-words";
import { isCurrent, type Reading, type RuleKind, shareOf } from "./rule";

/**
 * `days` UTC days in a row, the last of them today, each with a failure and no success. A day without a failure ends the
 * run; today does so once an attempt was counted on it. From Sentry.
 */
export interface FailingDaysRule {
  rule: "failing-days";
  days: number;
}

export const failingDays: RuleKind<FailingDaysRule> = {
  parse: (fields) => ({ rule: "failing-days", days: fields.integer("days", 1, HISTORY_DAYS, 7) }),

  evaluate({ rule, days }, reading) {
    const { history, nowMs, counting } = reading;
    const run = failingRun(reading);
    if (run === null) {
      const explanation = "today is not a day of failures without a success";
      return { rule, broken: false, progress: 0, since: null, explanation, predictedAt: null };
    }
    const progress = shareOf(run.days, days);
    const broken = progress === 1;
    const since = Math.max(run.start, (isCurrent(reading) ? history.firstFailureAt : null) ?? 0);
    return {
      rule,
      broken,
      progress,
      since,
      explanation:
        `no success since ${momentInWords(since, nowMs)}, failures on ${counted(run.days, "day")} in a row (limit ${days}), ` +
        `${counted(run.failures, "failed attempt")}${mostOften(history.reasons, counting)}`,
      predictedAt: broken ? null : Math.max(run.start + (days - 1) * DAY_MS, nowMs),
    };
  },
};

interface FailingRun {
  days: number;
  failures: number;
  /** When its first day began, ms. */
  start: number;
}

function failingRun({ history, generation, nowMs, counting }: Reading): FailingRun | null {
  const today = utcDay(nowMs);
  const run: FailingRun = { days: 0, failures: 0, start: startOfUtcDay(today) + DAY_MS };
  for (const day of history.days) {
    if (day.generation !== generation || day.date > today) continue;
    const start = startOfUtcDay(day.date);
    const nothingToday = run.days === 0 && start === run.start - 2 * DAY_MS;
    const failures = failedAttempts(day, counting);
    if ((start !== run.start - DAY_MS && !nothingToday) || day.success > 0 || failures === 0) break;
    run.days++;
    run.failures += failures;
    run.start = start;
  }
  return run.days === 0 ? null : run;
}
