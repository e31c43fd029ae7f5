// Names and answers come from strangers. What could hide, reorder or break a line is taken out before they are shown.

/** Embedding, override and isolate marks: they make text read in another order than it is written. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const INVISIBLE = /[\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb]/gu;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Text cut to at most `limit` characters, never within a character; an ellipsis shows that something is missing. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const characters = Array.from(text.slice(0, 2 * limit + 2));
  return characters.length <= limit
    ? text
    : characters
        .slice(0, limit - 1)
        .join("")
        .trimEnd() + "…";
}

/** Any value as text on one line, at most `limit` characters, without control characters. */
export function oneLine(value: unknown, limit: number): string {
  return cut(
    harmless(String(value ?? "").slice(0, 20 * limit))
      .replace(/\s+/gu, " ")
      .trim(),
    limit,
  );
}

/** Text of a stranger as at most `lineLimit` lines of at most `width` characters, without control characters. */
export function lines(text: string, lineLimit: number, width: number): string[] {
  const all = text
    .split(/\r\n|[\n\r\u2028\u2029]/u)
    .map((line) => cut(harmless(line).trimEnd(), width))
    .filter((line) => line.trim() !== "");
  return all.length <= lineLimit ? all : [...all.slice(0, lineLimit), "…"];
}

function harmless(text: string): string {
  return text
    .replace(BIDI_CONTROLS, "")
    .replace(INVISIBLE, "")
    .replace(LONE_SURROGATES, "\ufffd")
    .replace(/[\p{Cc}\u2028\u2029]/gu, " ");
}
