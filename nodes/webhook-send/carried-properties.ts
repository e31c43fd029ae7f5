import type { NodeMessage } from "node-red";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";

/** What waits for hours in the store should be little: all carried properties together, in bytes of JSON. */
const MOST_BYTES = 16 * 1024;

/** Properties that an outcome has of its own. */
export const OWN_PROPERTIES = ["_msgid", "topic", "parts", "payload", "webhook", "delivery"] as const;

/**
 * The message properties named in a node's `carry`, as they will be when an outcome leaves, perhaps after a restart. What
 * the message does not have is left out.
 *
 * @throws InvalidFieldsError naming a property that is no JSON, or with which it becomes too much
 */
export function carriedProperties(
  msg: NodeMessage,
  names: readonly string[],
): Readonly<Record<string, unknown>> | undefined {
  let bytes = 0;
  const carried: [string, unknown][] = [];
  for (const name of names) {
    const value = msg[name];
    if (value === undefined) continue;
    const text = jsonOf(value);
    if (text === undefined) throw refused(name, value, "a value that JSON can hold, since it is listed in carry");
    bytes += Buffer.byteLength(text);
    if (bytes > MOST_BYTES) {
      throw refused(name, value, `at most ${MOST_BYTES} bytes of JSON in all properties listed in carry`);
    }
    carried.push([name, value]);
  }
  return carried.length === 0 ? undefined : Object.fromEntries(carried);
}

/** The topic of a message if JSON can hold it and it is no larger than what may be carried. */
export function storableTopic(topic: unknown): unknown {
  const text = jsonOf(topic);
  return text === undefined || text.length > MOST_BYTES ? undefined : topic;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function refused(name: string, value: unknown, expected: string): InvalidFieldsError {
  return new InvalidFieldsError("message", [{ field: `msg.${name}`, value: quoteValue(value), expected }]);
}
