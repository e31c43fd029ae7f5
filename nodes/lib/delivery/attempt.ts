/** How an attempt ended, from the receiver's point of view (DESIGN 3). */
export type Outcome = "success" | "error" | "timeout" | "fatal";

/** Reasons that are not the receiver's doing: such attempts have no outcome and are never counted. */
export const LOCAL_REASONS = ["blocked-address", "no-secret", "local-dns", "local-network", "proxy"] as const;
export type LocalReason = (typeof LOCAL_REASONS)[number];

/** Why an attempt could not be made, if that was no doing of the receiver. */
export function localReasonOf({ outcome, reason }: Pick<Attempt, "outcome" | "reason">): LocalReason | null {
  return outcome === null ? (LOCAL_REASONS.find((local) => local === reason) ?? null) : null;
}

/** Why no usable answer came. */
export type NoAnswerReason = "refused" | "reset" | "dns" | "tls" | "timeout" | "bad-response";

export type Reason = `http-${number}` | NoAnswerReason | LocalReason;

/** Why a delivery was given up. */
export type GaveUp = "exhausted" | "gone" | "aborted" | "not-retryable" | "dropped" | "expired" | "discarded";

export type DeliveryKind = "event" | "test" | "replay";

/**
 * Counts are kept finer than they are shown, since rules need it: a 2xx answer; a 4xx other than 429; a 429; a 5xx; any
 * other answer (3xx); no usable answer; a fatal one (410, or the header that asks to be disabled).
 */
export const ATTEMPT_CLASSES = [
  "success",
  "http4xx",
  "http429",
  "http5xx",
  "otherAnswer",
  "noAnswer",
  "fatal",
] as const;
export type AttemptClass = (typeof ATTEMPT_CLASSES)[number];

/** One attempt as it is logged: secrets redacted, tokens in the URL masked, bodies cut. */
export interface Attempt {
  attemptId: string;
  /** Which attempt of the delivery this is, from 1. Local failures do not raise it. */
  attempt: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  /** Null when no attempt was made, for a local reason. */
  outcome: Outcome | null;
  /** Null after a success. */
  reason: Reason | null;
  /** 0 where no answer came. */
  statusCode: number;
  url: string;
  requestHeaders: Readonly<Record<string, string>>;
  responseHeaders: Readonly<Record<string, string>>;
  /** First 1,024 characters. */
  responseBody: string;
}

/** The finer class under which an attempt is counted, or null if it is not counted. */
export function classOf(attempt: Pick<Attempt, "outcome" | "statusCode">): AttemptClass | null {
  switch (attempt.outcome) {
    case null:
      return null;
    case "success":
    case "fatal":
      return attempt.outcome;
    case "timeout":
      return "noAnswer";
    case "error":
      if (attempt.statusCode === 429) return "http429";
      if (attempt.statusCode >= 400 && attempt.statusCode < 500) return "http4xx";
      return attempt.statusCode >= 500 && attempt.statusCode < 600 ? "http5xx" : "otherAnswer";
  }
}
