import { randomUUID } from "node:crypto";
import type { LiveIntegration } from "../integration/integration-spec";
import type { Clock } from "../time/clock";
import { maskUrl } from "../wire/mask-url";
import { type OutgoingRequest, outgoingRequest } from "../wire/outgoing-request";
import { redactHeaders } from "../wire/redact";
import { NoSecretError } from "../wire/sign";
import type { Attempt } from "./attempt";
import type { StoredDelivery } from "./outbox";
import type { Transport, TransportResult } from "./transport";
import { transportResult } from "./transport-result";

export interface MadeAttempt {
  attempt: Attempt;
  result: TransportResult;
}

const NOTHING_SENT = transportResult({ outcome: null, reason: "no-secret" });

/** Signs a delivery with the integration's present settings, sends it, and tells it as the log may show it. */
export async function makeAttempt(
  delivery: StoredDelivery,
  live: LiveIntegration,
  transport: Transport,
  clock: Clock,
): Promise<MadeAttempt> {
  const startedAt = clock.now();
  const request = signed(delivery, live, startedAt);
  const result = request === null ? NOTHING_SENT : await transport.send(request, live);
  return { attempt: attemptOf(delivery, live, request, result, startedAt, clock.now()), result };
}

/** The attempt of a delivery whose settings cannot be read, e.g. since its secrets were sealed under another key. */
export function unsendable(delivery: StoredDelivery, at: number): MadeAttempt {
  return { attempt: attemptOf(delivery, null, null, NOTHING_SENT, at, at), result: NOTHING_SENT };
}

function signed(delivery: StoredDelivery, live: LiveIntegration, nowMs: number): OutgoingRequest | null {
  try {
    return outgoingRequest({ delivery, live, nowMs });
  } catch (error) {
    if (error instanceof NoSecretError) return null;
    throw error;
  }
}

function attemptOf(
  delivery: StoredDelivery,
  live: LiveIntegration | null,
  request: OutgoingRequest | null,
  result: TransportResult,
  startedAt: number,
  endedAt: number,
): Attempt {
  const secrets = live?.secrets;
  const extra = secrets?.headers;
  return {
    attemptId: `att_${randomUUID().replaceAll("-", "")}`,
    attempt: delivery.attempts + 1,
    startedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    outcome: result.outcome,
    reason: result.reason,
    statusCode: result.statusCode,
    url: live === null ? "" : maskUrl(live.spec.url),
    requestHeaders: request === null ? {} : redactHeaders(request.headers, extra),
    responseHeaders: redactHeaders(result.responseHeaders, extra),
    responseBody: result.responseBody,
  };
}
