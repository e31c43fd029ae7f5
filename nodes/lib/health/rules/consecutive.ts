import { counted, inThousands, momentInWords, mostOften } from "../failure-words";
import { isCurrent, type RuleKind, shareOf } from "./rule";

/** `count` failed attempts in a row. From GitLab. */
export interface ConsecutiveRule {
  rule: "consecutive";
  count: number;
}

export const consecutive: RuleKind<ConsecutiveRule> = {
  parse: (fields) => ({ rule: "consecutive", count: fields.integer("count", 1, 1_000_000, 40) }),

  evaluate({ rule, count }, reading) {
    const { history, nowMs } = reading;
    const { firstFailureAt, failuresInARow } = history;
    if (!isCurrent(reading) || firstFailureAt === null) {
      const explanation = "no failure since the last success";
      return { rule, broken: false, progress: 0, since: null, explanation, predictedAt: null };
    }
    const progress = shareOf(failuresInARow, count);
    return {
      rule,
      broken: progress === 1,
      progress,
      since: firstFailureAt,
      explanation:
        `no success since ${momentInWords(firstFailureAt, nowMs)}, ` +
        `${counted(failuresInARow, "failed attempt")} in a row (limit ${inThousands(count)})${mostOften(history.reasons, "all")}`,
      predictedAt: null,
    };
  },
};
