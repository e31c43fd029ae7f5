import { BoundedCache } from "./bounded-cache";
import { REDACTED } from "./redact";

const CACHED_URLS = 2_000;

/** So much of a token is left that people can tell it from another. */
const SHOWN_CHARACTERS = 4;
const SHORTEST_TOKEN = 16;
const LONGEST_WORD = 20;

const SECRET_PARAMETER = /auth|code|cred|hash|jwt|key|passw|pwd|secret|session|sig|sid|token/i;
const LETTER = /[A-Za-z]/;
const DIGIT = /[0-9]/;
const UNBROKEN = new RegExp(`[A-Za-z0-9_]{${LONGEST_WORD},}`);
/** Some services put names before the token of the same path segment, e.g. `bot123456:AA…` or `…@…`. */
const SEPARATOR = /[:@;,!|]/;

const masked = new BoundedCache<string, string>(CACHED_URLS, mask);

/**
 * A URL that may be shown: user name, password and whatever looks like a token are masked, in the query by name or look,
 * in the path by look, as in the webhook URLs of Slack, Discord, Teams or Telegram. Scheme, host and words stay.
 */
export function maskUrl(url: string): string {
  return masked.get(url);
}

function mask(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return "(not a URL)";
  const user = url.username === "" && url.password === "" ? "" : `${REDACTED}@`;
  const path = url.pathname.split("/").map(maskSegment).join("/");
  const query = url.search === "" ? "" : `?${url.search.slice(1).split("&").map(maskParameter).join("&")}`;
  return `${url.protocol}//${user}${url.host}${path}${query}`;
}

/** What {@link maskUrl} masks in a URL, as it stands there and decoded. Empty for what is no URL. */
export function urlTokens(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { username, password, pathname, search } = new URL(text);
  const segments = pathname.split("/").filter(looksLikeToken);
  const parameters = search.slice(1).split("&").flatMap(tokensOf);
  const tokens = [username, password, ...segments, ...parameters].filter((token) => token !== "");
  return [...new Set([...tokens, ...tokens.map(decoded)])];
}

function tokensOf(parameter: string): string[] {
  const equals = parameter.indexOf("=");
  if (equals === -1) return looksLikeToken(parameter) ? [parameter] : [];
  const [name, value] = [parameter.slice(0, equals), parameter.slice(equals + 1)];
  return [
    ...(looksLikeToken(name) ? [name] : []),
    ...(SECRET_PARAMETER.test(name) || looksLikeToken(value) ? [value] : []),
  ];
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

function maskSegment(segment: string): string {
  return looksLikeToken(segment) ? segment.slice(0, SHOWN_CHARACTERS) + REDACTED : segment;
}

function maskParameter(parameter: string): string {
  const equals = parameter.indexOf("=");
  if (equals === -1) return looksLikeToken(parameter) ? REDACTED : parameter;
  const name = parameter.slice(0, equals);
  const value = parameter.slice(equals + 1);
  if (value === "") return parameter;
  return SECRET_PARAMETER.test(name) || looksLikeToken(value)
    ? `${looksLikeToken(name) ? REDACTED : name}=${REDACTED}`
    : parameter;
}

/** Long, and made of letters and digits mixed, or without a break where words would have one. */
function looksLikeToken(text: string): boolean {
  if (text.length < SHORTEST_TOKEN) return false;
  return (LETTER.test(text) && DIGIT.test(text)) || UNBROKEN.test(text) || SEPARATOR.test(text);
}
