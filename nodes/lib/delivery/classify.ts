import { DAY_MS, SECOND_MS } from "../time/utc-day";
import type { Outcome, Reason } from "./attempt";
import { AttemptFailure } from "./attempt-failure";
import { codeOf, networkReason } from "./network-reason";
import type { TransportResult } from "./transport";

/** Headers of an answer by lower-cased name. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type AnswerClass = Pick<TransportResult, "outcome" | "reason" | "abortMessage" | "fatalSignal" | "retryAfterMs">;

export interface FailureClass {
  outcome: Extract<Outcome, "timeout"> | null;
  reason: Reason;
}

/** A longer wait is none that a receiver may ask for. */
const LONGEST_RETRY_AFTER_MS = DAY_MS;

/** What a whole answer means (DESIGN 3). */
export function classifyAnswer(statusCode: number, headers: AnswerHeaders, nowMs: number): AnswerClass {
  const control = headers["webhook-delivery"];
  const isSuccess = statusCode >= 200 && statusCode < 300;
  const fatalSignal = statusCode === 410 ? "410" : asksFor("disable", control) ? "header" : null;
  if (isSuccess && fatalSignal === null) {
    return { outcome: "success", reason: null, abortMessage: false, fatalSignal, retryAfterMs: null };
  }
  return {
    outcome: fatalSignal === null ? "error" : "fatal",
    reason: `http-${statusCode}`,
    abortMessage: !isSuccess && asksFor("abort-message", control),
    fatalSignal,
    retryAfterMs: statusCode === 429 || statusCode === 503 ? retryAfterMs(headers["retry-after"], nowMs) : null,
  };
}

/**
 * Why no whole answer came, from the error of a connection or of undici. What is not known to be the receiver's doing is
 * not held against it.
 */
export function classifyFailure(error: unknown): FailureClass {
  const reason = error instanceof AttemptFailure ? error.reason : reasonOf(error);
  switch (reason) {
    case "blocked-address":
    case "no-secret":
    case "local-dns":
    case "local-network":
    case "proxy":
      return { outcome: null, reason };
    default:
      return { outcome: "timeout", reason };
  }
}

function asksFor(wish: string, header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  return String(header)
    .split(",")
    .some((part) => part.trim().toLowerCase() === wish);
}

/** Milliseconds from now, from seconds or an HTTP date; null if it is neither. */
function retryAfterMs(header: string | string[] | undefined, nowMs: number): number | null {
  const text = String(Array.isArray(header) ? header[0] : (header ?? "")).trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * SECOND_MS : httpDate(text) - nowMs;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), LONGEST_RETRY_AFTER_MS);
}

/** Time of an HTTP date, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`; NaN for what `Date.parse` would only guess at. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
}

/** What ended an exchange on a connection that stood. */
function reasonOf(error: unknown): Reason {
  const code = codeOf(error);
  switch (code) {
    case "UND_ERR_SOCKET":
      return error instanceof Error && error.message.startsWith("bad ") ? "bad-response" : "reset";
    case "UND_ERR_HEADERS_OVERFLOW":
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return "bad-response";
    default:
      // Not `instanceof`: there may be several copies of undici in one process.
      if (error instanceof Error && error.name === "HTTPParserError") return "bad-response";
      return networkReason(code) ?? (isTls(code) ? "tls" : "local-network");
  }
}

function isTls(code: string): boolean {
  return code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_");
}
