import * as v from "valibot";
import { unresolvedReference } from "../validation/setting";

const LONGEST_URL = 4_096;

/**
 * A webhook's URL in its canonical spelling, without the fragment, which HTTP never sends. Its path and query often
 * hold a token, so an error shows only the scheme and the host.
 */
export const integrationUrl = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, string>(({ dataset: { value }, addIssue, NEVER }) => {
    const reading = readUrl(value);
    if ("url" in reading) return reading.url;
    addIssue({ message: reading.expected, input: typeof value === "string" ? withoutTokens(value) : value });
    return NEVER;
  }),
);

function readUrl(value: unknown): { url: string } | { expected: string } {
  const expected = 'the URL that receives the webhooks, e.g. "https://example.com/hooks"';
  if (typeof value !== "string" || value.trim() === "") return { expected };
  const unresolved = unresolvedReference(value, "anywhere");
  if (unresolved !== null) return { expected: unresolved };
  if (value.length > LONGEST_URL) return { expected: `a URL of at most ${LONGEST_URL} characters` };
  if (!URL.canParse(value)) return { expected };
  const url = new URL(value);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return { expected: "a URL that begins with http:// or https://" };
  if (url.username !== "" || url.password !== "") {
    return {
      expected: "a URL without user name and password; give them as an Authorization header in the credentials",
    };
  }
  url.hash = "";
  return { url: url.href };
}

/**
 * The scheme and the host of what should have been a URL, as far as it goes; and a reference to an environment variable
 * further on, since that may be what is wrong.
 */
function withoutTokens(text: string): string {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/*)?(.*)$/is.exec(text.trim()) ?? [];
  const host = /^[^/?#\\]*/.exec(rest)?.[0] ?? "";
  const further = rest.slice(host.length);
  const reference = /\$\{[^{}]+\}/.exec(further)?.[0];
  const shown = `${scheme}${host.replace(/^.*@/s, "…@")}`;
  if (further === "") return shown;
  return reference === undefined ? `${shown}/…` : `${shown}/…${reference}…`;
}
