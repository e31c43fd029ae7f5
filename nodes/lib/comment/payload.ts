import { isUint8Array } from "node:util/types";
import { pathOf } from "../validation/check";
import { InvalidFieldsError, quoteValue } from "../validation/invalid-fields-error";
import { tooDeepProperty } from "../validation/nesting";
import { isPlainObject, ownProperty, type PlainObject } from "../validation/plain-object";
import { MAX_LEVELS, MAX_PAYLOAD_BYTES } from "./limits";
import type { SourceHeaders } from "./source-headers";

/** Where the payload stands, as a flow author would write it. */
export const PAYLOAD_PATH = "msg.payload";

/** A comment event that cannot be read because of one field. */
export function refused(field: string, value: unknown, expected: string): InvalidFieldsError {
  return new InvalidFieldsError("comment event", [{ field, value: quoteValue(value), expected }]);
}

/**
 * The payload as an object: itself, or parsed from a raw body. GitHub's form content type, JSON in a form field
 * `payload`, is understood raw and parsed.
 *
 * @throws InvalidFieldsError if it is no JSON object
 */
export function readPayload(payload: unknown, headers: SourceHeaders): PlainObject {
  const parsed = isText(payload) ? parseRaw(payload, headers) : fromForm(payload, headers);
  if (isPlainObject(parsed)) return parsed;
  throw refused(PAYLOAD_PATH, parsed, "an object, or its JSON as text or Buffer");
}

/**
 * Whoever posts JSON can nest it so deeply that Node-RED cannot copy the message: refused before anything comes of it.
 *
 * @throws InvalidFieldsError naming the property that is nested too deeply
 */
export function checkNesting(payload: unknown): void {
  if (!isPlainObject(payload)) return;
  const key = tooDeepProperty(payload, MAX_LEVELS);
  if (key === null) return;
  const [field, expected] = [pathOf(PAYLOAD_PATH, [key]), `at most ${MAX_LEVELS} levels`];
  throw new InvalidFieldsError("comment event", [{ field, value: "nested too deeply", expected }]);
}

function isText(payload: unknown): payload is string | Uint8Array {
  return typeof payload === "string" || isUint8Array(payload);
}

function parseRaw(raw: string | Uint8Array, headers: SourceHeaders): unknown {
  const length = typeof raw === "string" ? Buffer.byteLength(raw) : raw.byteLength;
  if (length > MAX_PAYLOAD_BYTES) throw refused(PAYLOAD_PATH, raw, `at most ${MAX_PAYLOAD_BYTES} bytes`);
  const text = typeof raw === "string" ? raw.replace(/^\ufeff/, "") : decode(raw);
  const isForm = headers.get("content-type")?.toLowerCase().startsWith("application/x-www-form-urlencoded") ?? false;
  return parseJson((isForm ? new URLSearchParams(text).get("payload") : null) ?? text);
}

function fromForm(payload: unknown, headers: SourceHeaders): unknown {
  if (!headers.has("x-github-event") || !isPlainObject(payload)) return payload;
  const field = ownProperty(payload, "payload");
  return typeof field === "string" ? parseJson(field) : payload;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refused(PAYLOAD_PATH, bytes, "JSON in UTF-8");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused(PAYLOAD_PATH, text, "JSON");
  }
}
