import type { Attempt, AttemptClass, Outcome, Reason } from "../../../nodes/lib/delivery/attempt";
import type { AttemptHistory } from "../../../nodes/lib/health/attempt-history";
import { emptyHistory, recordAttempt } from "../../../nodes/lib/health/record-attempt";

/** A time of November 2026 in UTC: `"18"`, `"18 09:30"` or `"18 09:30:15.250"`. */
export function november(text: string): number {
  const [day, time = "00:00"] = text.split(" ");
  return Date.parse(`2026-11-${day}T${time}${time.length === 5 ? ":00" : ""}Z`);
}

/** What happened, one step after the other; times as {@link november} reads them. */
export type Step = readonly [time: string, attemptClass: AttemptClass, times?: number, reason?: Reason];

/** A history in which `steps` were counted. */
export function toldHistory(steps: readonly Step[], generation = 1): AttemptHistory {
  const history = emptyHistory();
  tell(history, steps, generation);
  return history;
}

/** Counts `steps` in `history`. */
export function tell(history: AttemptHistory, steps: readonly Step[], generation = 1): void {
  for (const [time, attemptClass, times = 1, reason = null] of steps) {
    for (let count = 0; count < times; count++) {
      recordAttempt(history, { class: attemptClass, at: november(time), generation, reason });
    }
  }
}

/** An attempt as the log has it; what is not given is of no interest to health. */
export function attempt(attemptId: string, outcome: Outcome | null, reason: Reason | null, statusCode = 0): Attempt {
  return {
    attemptId,
    attempt: 1,
    startedAt: november("18"),
    durationMs: 12,
    outcome,
    reason,
    statusCode,
    url: "https://example.com/hook",
    requestHeaders: {},
    responseHeaders: {},
    responseBody: "",
  };
}
