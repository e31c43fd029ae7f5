import { toUSVString } from "node:util";
import { readAs } from "../validation/read-as";
import type { Identifier } from "./comment-event";
import { MAX_LABEL_LENGTH, MAX_TEXT_BYTES } from "./limits";
import { readTimestamp, TIMESTAMP_EXPECTED } from "./timestamp";

/** Control characters, half surrogate pairs, and separators that would break a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

function readLabel(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > MAX_LABEL_LENGTH) return undefined;
  return UNPRINTABLE.test(value) ? undefined : value;
}

/** An id, unchanged. */
export const identifier = readAs<Identifier>(
  (value) => (typeof value === "number" && Number.isSafeInteger(value) ? value : readLabel(value)),
  `a text of 1 to ${MAX_LABEL_LENGTH} printable characters, or a whole number up to 2^53 (a larger one as text)`,
);

/** A short text that others look up or compare: refused rather than repaired. */
export const label = readAs(readLabel, `a text of 1 to ${MAX_LABEL_LENGTH} printable characters`);

/** A name as people write them, in any language; may be empty. */
export const personName = readAs(
  (value) => (typeof value === "string" && value.length <= MAX_LABEL_LENGTH ? wellFormed(value) : undefined),
  `a text of at most ${MAX_LABEL_LENGTH} characters`,
);

/** A comment's text, in any language; may be empty. */
export const commentText = readAs(
  (value) => (typeof value === "string" && fits(value) ? wellFormed(value) : undefined),
  `a text of at most ${MAX_TEXT_BYTES} bytes`,
);

/** A time, as ISO 8601 in UTC. */
export const timestamp = readAs(readTimestamp, TIMESTAMP_EXPECTED);

/** A code unit of JSON needs at most six bytes, so most texts need not be measured. */
const MOST_BYTES_PER_UNIT = 6;

function fits(text: string): boolean {
  if (text.length * MOST_BYTES_PER_UNIT <= MAX_TEXT_BYTES) return true;
  return text.length <= MAX_TEXT_BYTES && Buffer.byteLength(JSON.stringify(text)) <= MAX_TEXT_BYTES;
}

/**
 * Half a surrogate pair (a character cut in two somewhere before us) has no UTF-8. The comment is not lost for it: U+FFFD
 * takes its place, as browsers do.
 */
function wellFormed(text: string): string {
  return toUSVString(text);
}
