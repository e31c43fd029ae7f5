import type { LiveIntegration } from "../integration/integration-spec";
import type { Clock } from "../time/clock";
import { maskUrl } from "../wire/mask-url";
import { type OutgoingRequest, outgoingRequest } from "../wire/outgoing-request";
import { pooledRandomBytes } from "../wire/pooled-random-bytes";
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

const ATTEMPT_ID_BYTES = 16;
const NOTHING_SENT = transportResult({ outcome: null, reason: "no-secret" });

/** What of an attempt is known before it ends. */
type BegunAttempt = Pick<Attempt, "attemptId" | "attempt" | "startedAt" | "url" | "requestHeaders">;

/** Signs a delivery with the integration's present settings, sends it, and tells it as the log may show it. */
export async function makeAttempt(
  delivery: StoredDelivery,
  live: LiveIntegration,
  transport: Transport,
  clock: Clock,
): Promise<MadeAttempt> {
  const startedAt = clock.now();
  const request = signed(delivery, live, startedAt);
  const sending = request === null ? NOTHING_SENT : transport.send(request, live);
  // Written down while the receiver is at work.
  const begun = begin(delivery, live, request, startedAt);
  const result = await sending;
  return { attempt: end(begun, result, clock.now(), live.secrets.headers), result };
}

/** The attempt of a delivery whose settings cannot be read, e.g. since its secrets were sealed under another key. */
export function unsendable(delivery: StoredDelivery, at: number): MadeAttempt {
  return { attempt: end(begin(delivery, null, null, at), NOTHING_SENT, at, {}), result: NOTHING_SENT };
}

function signed(delivery: StoredDelivery, live: LiveIntegration, nowMs: number): OutgoingRequest | null {
  try {
    return outgoingRequest({ delivery, live, nowMs });
  } catch (error) {
    if (error instanceof NoSecretError) return null;
    throw error;
  }
}

function begin(
  delivery: StoredDelivery,
  live: LiveIntegration | null,
  request: OutgoingRequest | null,
  startedAt: number,
): BegunAttempt {
  return {
    attemptId: `att_${pooledRandomBytes(ATTEMPT_ID_BYTES).toString("hex")}`,
    attempt: delivery.attempts + 1,
    startedAt,
    url: live === null ? "" : maskUrl(live.spec.url),
    requestHeaders: request === null ? {} : redactHeaders(request.headers, live?.secrets.headers),
  };
}

function end(
  { attemptId, attempt, startedAt, url, requestHeaders }: BegunAttempt,
  result: TransportResult,
  endedAt: number,
  extraHeaders: Readonly<Record<string, string>>,
): Attempt {
  return {
    attemptId,
    attempt,
    startedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    outcome: result.outcome,
    reason: result.reason,
    statusCode: result.statusCode,
    url,
    requestHeaders,
    responseHeaders: redactHeaders(result.responseHeaders, extraHeaders),
    responseBody: result.responseBody,
  };
}
