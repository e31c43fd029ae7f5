import type { DeliveryKind, GaveUp, Outcome, Reason } from "../lib/delivery/attempt";
import type { DeliveryReport } from "../lib/delivery/report";

/** `msg.delivery`: how an attempt ended, or a delivery was given up. */
export interface DeliveryMessage {
  /** Null where a delivery was given up without an attempt. */
  attemptId: string | null;
  kind: DeliveryKind;
  generation: number;
  outcome: Outcome | null;
  reason: Reason | null;
  gaveUp: GaveUp | null;
  /** 0 where no answer came. */
  statusCode: number;
  attempt: number;
  maxAttempts: number;
  /** ISO time, or null. */
  nextAttemptAt: string | null;
  /** ISO time, or null. */
  startedAt: string | null;
  durationMs: number;
  /** Tokens in it masked. */
  url: string;
  requestHeaders: Readonly<Record<string, string>>;
  responseHeaders: Readonly<Record<string, string>>;
  /** First 1,024 characters. */
  responseBody: string;
}

/** What the engine reports, as messages say it: with ISO times. */
export function deliveryMessage(report: DeliveryReport): DeliveryMessage {
  const { delivery, attempt, gaveUp, maxAttempts, nextAttemptAt } = report;
  return {
    attemptId: attempt?.attemptId ?? null,
    kind: delivery.kind,
    generation: delivery.generation,
    outcome: attempt?.outcome ?? null,
    reason: attempt?.reason ?? null,
    gaveUp,
    statusCode: attempt?.statusCode ?? 0,
    attempt: attempt?.attempt ?? delivery.attempts,
    maxAttempts,
    nextAttemptAt: isoTime(nextAttemptAt),
    startedAt: isoTime(attempt?.startedAt ?? null),
    durationMs: attempt?.durationMs ?? 0,
    url: attempt?.url ?? "",
    requestHeaders: attempt?.requestHeaders ?? {},
    responseHeaders: attempt?.responseHeaders ?? {},
    responseBody: attempt?.responseBody ?? "",
  };
}

function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
