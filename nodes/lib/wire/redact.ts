import { BoundedCache } from "./bounded-cache";

/** Stands where a secret stood. */
export const REDACTED = "***";

const CACHED_NAMES = 2_000;
/** Longer names are an attacker's: they are judged, but not remembered. */
const LONGEST_CACHED_NAME = 64;
/** Values shorter than this are found in any text and tell nothing. */
const SHORTEST_SECRET = 6;

const SECRET_NAME =
  /auth(?!enticate$)|cookie|signature|secret|token|api-?_?key|access-?_?key|passw|credential|session|jwt/i;
const secretNames = new BoundedCache<string, boolean>(CACHED_NAMES, (name) => SECRET_NAME.test(name));

/**
 * A copy of a request's or an answer's headers for the log, without the values of those that hold secrets: by their
 * names (authorization, cookies, signatures, keys, tokens), and all that `extra` names.
 *
 * @param extra the integration's extra headers, from its credentials
 */
export function redactHeaders(
  headers: Readonly<Record<string, string>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const redacted: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    redacted[name] = isSecretName(name) || names(extra, name) ? REDACTED : (headers[name] ?? "");
  }
  return redacted;
}

/**
 * A text of the receiver without the secrets that it was sent or shares with us: some receivers answer with the request's
 * headers.
 */
export function redactText(text: string, secrets: readonly string[]): string {
  let redacted = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET && redacted.includes(secret)) redacted = redacted.replaceAll(secret, REDACTED);
  }
  return redacted;
}

function isSecretName(name: string): boolean {
  return name.length <= LONGEST_CACHED_NAME ? secretNames.get(name) : SECRET_NAME.test(name);
}

function names(headers: Readonly<Record<string, string>>, name: string): boolean {
  for (const known of Object.keys(headers)) {
    if (known.length === name.length && known.toLowerCase() === name.toLowerCase()) return true;
  }
  return false;
}
