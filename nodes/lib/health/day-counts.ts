import type { ClassCounts } from "./attempt-history";
import type { Counting } from "./rules/rule";

/**
 * How many attempts failed. Under `"sentry"` only 4xx other than 429 do, among them 410; time-outs are counted apart and
 * everything else is ignored.
 */
export function failedAttempts(counts: ClassCounts, counting: Counting): number {
  const clientErrors = counts.http4xx + counts.fatal;
  if (counting === "sentry") return clientErrors;
  return clientErrors + counts.http429 + counts.http5xx + counts.otherAnswer + counts.noAnswer;
}

/** How many attempts were counted, whatever became of them. */
export function allAttempts(counts: ClassCounts): number {
  return counts.success + failedAttempts(counts, "all");
}
