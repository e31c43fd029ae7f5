import { startOfUtcDay, utcDay } from "../../time/utc-day";
import { allAttempts } from "../day-counts";
import { counted, dayInWords, inPercent, inThousands } from "../failure-words";
import { type RuleKind, shareOf } from "./rule";

/**
 * At least `count` attempts without a usable answer on the UTC day of now, being at least `percent` of that day's attempts.
 * From Sentry, which has no share (`percent: 0`).
 */
export interface TimeoutsPerDayRule {
  rule: "timeouts-per-day";
  count: number;
  percent: number;
}

export const timeoutsPerDay: RuleKind<TimeoutsPerDayRule> = {
  parse: (fields) => ({
    rule: "timeouts-per-day",
    count: fields.integer("count", 1, 1_000_000, 1_000),
    percent: fields.integer("percent", 0, 100, 50),
  }),

  evaluate({ rule, count, percent }, { history, generation, nowMs }) {
    const today = utcDay(nowMs);
    const day = history.days.find((known) => known.date === today && known.generation === generation);
    const timeouts = day?.noAnswer ?? 0;
    if (day === undefined || timeouts === 0) {
      return { rule, broken: false, progress: 0, since: null, explanation: "no time-outs today", predictedAt: null };
    }
    const attempts = allAttempts(day);
    const progress = Math.min(shareOf(timeouts, count), shareOf(100 * timeouts, percent * attempts));
    const since = startOfUtcDay(today);
    const share =
      percent === 0 ? "" : `, ${inPercent(timeouts, attempts)} of ${counted(attempts, "attempt")} (limit ${percent} %)`;
    return {
      rule,
      broken: progress === 1,
      progress,
      since,
      explanation: `${counted(timeouts, "time-out")} on ${dayInWords(since, nowMs)} (limit ${inThousands(count)})${share}`,
      predictedAt: null,
    };
  },
};
