import type { AttemptHistory } from "../attempt-history";
import { consecutive } from "./consecutive";
import { failingDays } from "./failing-days";
import { failingFor } from "./failing-for";
import { failureRate } from "./failure-rate";
import { fatal } from "./fatal";
import type { HealthRule } from "./health-rule";
import type { Counting, Reading, RuleVerdict } from "./rule";
import { timeoutsPerDay } from "./timeouts-per-day";

export type { HealthRule } from "./health-rule";
export { parseRules } from "./parse-rules";
export type { Counting, RuleVerdict } from "./rule";

export const DEFAULT_RULES: readonly HealthRule[] = [
  { rule: "fatal", days: 7 },
  { rule: "failing-days", days: 7 },
  { rule: "failing-for", hours: 120, attempts: 4, span: 24, apart: 12 },
];

/** The rules of `counting: "sentry"`, whatever else is chosen. They disable without warning: `minWarning` is 0 with them. */
export const SENTRY_RULES: readonly HealthRule[] = [
  { rule: "fatal", days: 7 },
  { rule: "failing-days", days: 7 },
  { rule: "timeouts-per-day", count: 1_000, percent: 0 },
];

/**
 * What each rule says now, in the order of the rules; under `"sentry"`, what {@link SENTRY_RULES} say. Attempts of
 * generations other than `generation` are not looked at.
 */
export function evaluateRules(
  rules: readonly HealthRule[],
  counting: Counting,
  history: AttemptHistory,
  generation: number,
  nowMs: number,
): RuleVerdict[] {
  const reading: Reading = { history, generation, nowMs, counting };
  return (counting === "sentry" ? SENTRY_RULES : rules).map((rule) => evaluate(rule, reading));
}

function evaluate(rule: HealthRule, reading: Reading): RuleVerdict {
  switch (rule.rule) {
    case "fatal":
      return fatal.evaluate(rule, reading);
    case "failing-days":
      return failingDays.evaluate(rule, reading);
    case "failing-for":
      return failingFor.evaluate(rule, reading);
    case "timeouts-per-day":
      return timeoutsPerDay.evaluate(rule, reading);
    case "consecutive":
      return consecutive.evaluate(rule, reading);
    case "failure-rate":
      return failureRate.evaluate(rule, reading);
  }
}

/**
 * The verdict to show: a broken one, else the one nearest to breaking; the first of equals. Null if none has made any
 * progress.
 */
export function worst(verdicts: readonly RuleVerdict[]): RuleVerdict | null {
  let shown: RuleVerdict | null = null;
  for (const verdict of verdicts) {
    if (verdict.progress > (shown?.progress ?? 0)) shown = verdict;
  }
  return shown;
}
