import { DAY_MS } from "../../time/utc-day";
import { HISTORY_DAYS } from "../attempt-history";
import { counted, dayInWords } from "../failure-words";
import { isCurrent, type RuleKind } from "./rule";

/** A fatal outcome less than `days` × 24 hours ago; a later success does not take it back. From Standard Webhooks, Sentry. */
export interface FatalRule {
  rule: "fatal";
  days: number;
}

export const fatal: RuleKind<FatalRule> = {
  parse: (fields) => ({ rule: "fatal", days: fields.integer("days", 1, HISTORY_DAYS, 7) }),

  evaluate({ rule, days }, reading) {
    const { history, nowMs } = reading;
    const since = isCurrent(reading) ? history.lastFatalAt : null;
    if (since === null || nowMs - since >= days * DAY_MS) {
      const explanation = `the receiver has not asked to be disabled in the last ${counted(days, "day")}`;
      return { rule, broken: false, progress: 0, since: null, explanation, predictedAt: null };
    }
    const explanation = `the receiver asked to be disabled on ${dayInWords(since, nowMs)}${signal(history.lastFatalReason)}`;
    return { rule, broken: true, progress: 1, since, explanation, predictedAt: null };
  },
};

function signal(reason: string | null): string {
  if (reason === null) return "";
  return reason === "http-410" ? " (410 Gone)" : " (header webhook-delivery: disable)";
}
