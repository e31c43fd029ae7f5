import { StringDecoder } from "node:string_decoder";
import { excerpt } from "../wire/excerpt";
import { redactText } from "../wire/redact";
import type { AnswerHeaders } from "./classify";

const MOST_HEADERS = 64;
const LONGEST_VALUE = 512;

/**
 * An answer's headers as they are kept: at most 64, of at most 512 characters, without the given secrets. Cookies and the
 * like are still in them.
 */
export function loggedHeaders(headers: AnswerHeaders, secrets: readonly string[]): Record<string, string> {
  const logged: Record<string, string> = {};
  let count = 0;
  for (const name of Object.keys(headers)) {
    if (count++ === MOST_HEADERS) break;
    const value = headers[name];
    if (value === undefined || name === "__proto__") continue;
    const text = typeof value === "string" ? value : value.join(", ");
    logged[name.length > LONGEST_VALUE ? name.slice(0, LONGEST_VALUE) : name] = excerpt(
      redactText(text, secrets),
      LONGEST_VALUE,
    );
  }
  return logged;
}

/**
 * The first 1,024 characters of an answer's body, read as UTF-8, without the given secrets. A packed body is not unpacked,
 * only named: it could be a bomb, and was not asked for.
 *
 * @param bytes the beginning of the body; the last character may be incomplete
 */
export function loggedBody(bytes: Buffer, headers: AnswerHeaders, secrets: readonly string[]): string {
  if (bytes.length === 0) return "";
  const encoding = String(headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity" && encoding !== "") return `(packed as ${excerpt(encoding, 40)}, not shown)`;
  const text = new StringDecoder("utf8").write(bytes);
  return excerpt(redactText(text.startsWith("\ufeff") ? text.slice(1) : text, secrets));
}
