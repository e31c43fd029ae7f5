import type { AnswerClass } from "./classify";
import type { TransportResult } from "./transport";

/** What an answer or a failure was found to mean; what only an answer can ask for is left out of a failure. */
type Classified = Pick<AnswerClass, "outcome" | "reason"> & Partial<AnswerClass>;

/** A result that shows nothing of an answer yet. */
export function transportResult({
  outcome,
  reason,
  retryAfterMs = null,
  abortMessage = false,
  fatalSignal = null,
}: Classified): TransportResult {
  return {
    outcome,
    reason,
    statusCode: 0,
    responseHeaders: {},
    responseBody: "",
    retryAfterMs,
    abortMessage,
    fatalSignal,
  };
}
