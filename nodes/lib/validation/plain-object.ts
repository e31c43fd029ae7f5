import * as v from "valibot";
import { readAs } from "./read-as";

export type PlainObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object that is no array. */
export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Stands for a property whose getter threw: no schema takes it. */
const UNREADABLE = Symbol("unreadable");

/** An own property of an object; what it inherits, e.g. from a polluted prototype, does not count. */
export function ownProperty(object: PlainObject, key: string): unknown {
  try {
    return Object.hasOwn(object, key) ? object[key] : undefined;
  } catch {
    return UNREADABLE;
  }
}

/**
 * An object schema that reads only the named own properties, each once, and refuses arrays. A missing property is
 * judged by its own schema, as `undefined`, so that the error says what was expected there.
 */
export function plainObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.keys(entries);
  return v.pipe(
    readAs((value) => {
      if (!isPlainObject(value)) return undefined;
      const own: Record<string, unknown> = {};
      for (const key of keys) own[key] = ownProperty(value, key);
      return own;
    }, "an object"),
    v.object(entries),
  );
}
