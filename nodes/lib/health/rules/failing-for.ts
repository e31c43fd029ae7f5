import { HOUR_MS } from "../../time/utc-day";
import { SPANS_HOURS, SPREAD_FAILURES } from "../attempt-history";
import { counted, momentInWords, mostOften } from "../failure-words";
import { clockStart } from "../spread-clock";
import { isCurrent, type RuleKind, shareOf } from "./rule";

/**
 * `attempts` failures within `span` hours, the first and the last at least `apart` hours apart (both limits included), start
 * a clock with the failure that completes them; a success resets it; it breaks with `hours` on the clock. From Svix.
 */
export interface FailingForRule {
  rule: "failing-for";
  hours: number;
  /** At most 10, as many as the history tells apart. */
  attempts: number;
  /** One of the spans for which the history keeps clocks. */
  span: number;
  /** Half of `span`. */
  apart: number;
}

export const failingFor: RuleKind<FailingForRule> = {
  parse(fields) {
    const hours = fields.integer("hours", 1, 720, 120);
    const attempts = fields.integer("attempts", 2, SPREAD_FAILURES, 4);
    const span = fields.choice("span", SPANS_HOURS, 24);
    return { rule: "failing-for", hours, attempts, span, apart: fields.choice("apart", [span / 2], span / 2) };
  },

  evaluate({ rule, hours, attempts, span, apart }, reading) {
    const { history, nowMs } = reading;
    const { firstFailureAt, failuresInARow } = history;
    if (!isCurrent(reading) || firstFailureAt === null) {
      const explanation = "no failure since the last success";
      return { rule, broken: false, progress: 0, since: null, explanation, predictedAt: null };
    }
    const failing =
      `no success since ${momentInWords(firstFailureAt, nowMs)}, ` +
      `${counted(failuresInARow, "failed attempt")}${mostOften(history.reasons, "all")}`;
    const startedAt = clockStart(history, span, attempts);
    if (startedAt === null) {
      const explanation = `${failing}; not yet ${attempts} within ${span} hours and ${apart} hours apart`;
      return { rule, broken: false, progress: 0, since: null, explanation, predictedAt: nowMs + hours * HOUR_MS };
    }
    // All other conditions are met once the clock runs, and before that nothing is on it: the clock's share is the smallest.
    const progress = shareOf(nowMs - startedAt, hours * HOUR_MS);
    const hoursOnTheClock = Math.max(0, Math.floor((nowMs - startedAt) / HOUR_MS));
    return {
      rule,
      broken: progress === 1,
      progress,
      since: startedAt,
      explanation: `${failing}; failing steadily for ${hoursOnTheClock} of ${counted(hours, "hour")}`,
      predictedAt: progress === 1 ? null : startedAt + hours * HOUR_MS,
    };
  },
};
