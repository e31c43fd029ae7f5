import { MINUTE_MS } from "../../time/utc-day";
import { HISTORY_MINUTES } from "../attempt-history";
import { counted, inPercent, inThousands } from "../failure-words";
import { isCurrent, type RuleKind, shareOf } from "./rule";

/**
 * At least `attempts` attempts in the last `minutes` minutes, at least `percent` of them failed. The window moves by whole
 * minutes: the one of now, and those before it. From Sentry's breaker and Slack.
 */
export interface FailureRateRule {
  rule: "failure-rate";
  percent: number;
  attempts: number;
  minutes: number;
}

export const failureRate: RuleKind<FailureRateRule> = {
  parse: (fields) => ({
    rule: "failure-rate",
    percent: fields.integer("percent", 1, 100, 50),
    attempts: fields.integer("attempts", 1, 1_000_000, 500),
    minutes: fields.integer("minutes", 1, HISTORY_MINUTES, 10),
  }),

  evaluate({ rule, percent, attempts, minutes }, reading) {
    const { history, nowMs } = reading;
    const newest = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const oldest = newest - (minutes - 1) * MINUTE_MS;
    let failed = 0;
    let all = 0;
    let since: number | null = null;
    for (const { minute, success, failure } of isCurrent(reading) ? history.minutes : []) {
      if (minute < oldest || minute > newest) continue;
      failed += failure;
      all += success + failure;
      if (failure > 0) since ??= minute;
    }
    if (failed === 0) {
      const explanation = `no failure within ${counted(minutes, "minute")}`;
      return { rule, broken: false, progress: 0, since: null, explanation, predictedAt: null };
    }
    const progress = Math.min(shareOf(all, attempts), shareOf(100 * failed, percent * all));
    return {
      rule,
      broken: progress === 1,
      progress,
      since,
      explanation:
        `${inThousands(failed)} of ${counted(all, "attempt")} within ${counted(minutes, "minute")} failed, ` +
        `${inPercent(failed, all)} (limit ${percent} % of at least ${inThousands(attempts)})`,
      predictedAt: null,
    };
  },
};
