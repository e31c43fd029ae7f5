import { isoTimestampMs } from "../host/message-time";
import type { Reason } from "../lib/delivery/attempt";
import { type AnswerHeaders, classifyAnswer } from "../lib/delivery/classify";
import { networkReason } from "../lib/delivery/network-reason";
import type { ForeignAttempt } from "../lib/health/integration-ledger";
import { DAY_MS } from "../lib/time/utc-day";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";
import { excerpt } from "../lib/wire/excerpt";
import { maskUrl } from "../lib/wire/mask-url";

/** What an attempt by another sender is made from. */
interface Context {
  integration: string;
  nowMs: number;
  newId: () => string;
}

/**
 * An attempt that another sender made, as its message tells it: an answer of the core `http request` node, whose
 * `statusCode` is a number, or an error code such as `ECONNREFUSED` where no answer came; the same from a Catch node; or
 * a `msg.delivery` without an `attemptId`, whose properties go before those of the message.
 *
 * @throws InvalidFieldsError if the message tells of no attempt
 */
export function foreignAttempt(msg: PlainObject, { integration, nowMs, newId }: Context): ForeignAttempt {
  const delivery = isPlainObject(msg.delivery) ? msg.delivery : {};
  const statusCode = delivery.statusCode ?? msg.statusCode;
  const headers = answerHeaders(delivery.responseHeaders ?? msg.headers);
  const body = delivery.responseBody ?? msg.payload;
  const url = delivery.url ?? msg.responseUrl ?? msg.url;
  const { durationMs } = delivery;
  const attempt = {
    integration,
    attemptId: newId(),
    startedAt: isoTimestampMs(delivery.startedAt) ?? nowMs,
    durationMs: typeof durationMs === "number" && durationMs >= 0 && durationMs <= DAY_MS ? durationMs : 0,
    url: typeof url === "string" && url !== "" ? maskUrl(url) : "",
    requestHeaders: {},
    responseHeaders: {},
    responseBody: excerpt(textOf(body)),
  };
  if (isAnswered(statusCode)) {
    const { outcome, reason } = classifyAnswer(statusCode, headers, nowMs);
    return { ...attempt, outcome, reason, statusCode };
  }
  const reason = noAnswerReason(delivery.outcome === "timeout" ? "ETIMEDOUT" : (statusCode ?? errorCode(msg.error)));
  if (reason === null) {
    throw new InvalidFieldsError("attempt", [
      {
        field: "msg.statusCode",
        value: quoteValue(statusCode),
        expected: "the answer's status code, or an error code such as ECONNREFUSED where no answer came",
      },
    ]);
  }
  const local = reason === "local-network" || reason === "local-dns";
  return { ...attempt, outcome: local ? null : "timeout", reason, statusCode: 0 };
}

function isAnswered(statusCode: unknown): statusCode is number {
  return typeof statusCode === "number" && Number.isInteger(statusCode) && statusCode >= 100 && statusCode <= 999;
}

/** Null where nothing tells of an attempt. */
function noAnswerReason(code: unknown): Reason | null {
  if (code === 0) return "timeout";
  if (typeof code !== "string" || !/^[A-Z][A-Z0-9_]*$/.test(code)) return null;
  if (code === "ENOTFOUND") return "dns";
  if (code === "EAI_AGAIN") return "local-dns";
  if (code === "ESOCKETTIMEDOUT") return "timeout";
  if (/TLS|SSL|CERT|SELF_SIGNED|EPROTO/.test(code)) return "tls";
  return networkReason(code) ?? "bad-response";
}

/** Of a message from a Catch node; the core node reports a time-out without a code. */
function errorCode(error: unknown): unknown {
  if (!isPlainObject(error)) return undefined;
  return typeof error.code === "string" ? error.code : "ETIMEDOUT";
}

function answerHeaders(value: unknown): AnswerHeaders {
  if (!isPlainObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === "string" ? [[name.toLowerCase(), text]] : [])),
  );
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.subarray(0, 8_192).toString("utf8");
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
