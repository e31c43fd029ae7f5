import { isPlainObject, ownProperty } from "../validation/plain-object";

/** Request headers by lower-case name. */
export type SourceHeaders = ReadonlyMap<string, string>;

/** Reads `msg.req.headers` (lower-case names) or `msg.headers` (as a flow wrote them). What is no text is left out. */
export function readHeaders(headers: unknown): SourceHeaders {
  const found = new Map<string, string>();
  if (!isPlainObject(headers)) return found;
  for (const name of Object.keys(headers)) {
    const value = ownProperty(headers, name);
    if (typeof value === "string" && value.trim() !== "") found.set(name.toLowerCase(), value.trim());
  }
  return found;
}
