import { pathOf } from "../validation/check";
import { type InvalidField, quoteValue } from "../validation/invalid-fields-error";
import type { JsonObject } from "./webhook";

/** Bytes that a webhook's body may have on the wire. */
export const LARGEST_BODY_BYTES = 1_048_576;
/** Many JSON parsers of receivers refuse more. */
const DEEPEST_LEVEL = 100;

const PLAIN = "plain JSON (a date as ISO text)";
const NOT_DEEPER = `at most ${DEEPEST_LEVEL} levels, and nothing that contains itself`;
const TOO_LARGE = `at most ${LARGEST_BODY_BYTES} bytes of JSON`;

interface FrozenBody {
  object: JsonObject;
  /** What `JSON.stringify` makes of it. */
  text: string;
}

/**
 * Makes the text of a body that will be signed and sent, if it is a JSON object and not too large. Nothing may be lost or
 * changed on the way to JSON, as dates, functions or `NaN` would be; only properties that are `undefined` are left out.
 *
 * @param path where the body stands, for the error
 * @returns the text, or the first field that is wrong
 */
export function freezeBody(body: unknown, path: string): FrozenBody | InvalidField {
  const walk: Walk = { keys: [], units: 0, value: "", expected: "" };
  if (!isJsonObject(body, walk)) {
    return { field: pathOf(path, walk.keys), value: walk.value, expected: walk.expected };
  }
  const text = JSON.stringify(body);
  // A UTF-16 unit takes at most three bytes: most bodies need no second look.
  if (text.length * 3 > LARGEST_BODY_BYTES) {
    const bytes = Buffer.byteLength(text);
    if (bytes > LARGEST_BODY_BYTES) return { field: path, value: `${bytes} bytes long`, expected: TOO_LARGE };
  }
  return { object: body, text };
}

/** Where a walk through a body is, and what ended it if something was wrong. */
interface Walk {
  keys: (string | number)[];
  /** UTF-16 units that the JSON will have at least. Ends a walk through what is too large, or shared a million times. */
  units: number;
  value: string;
  expected: string;
}

function isJsonObject(value: unknown, walk: Walk): value is JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return isJson(value, walk);
  return refuse(walk, quoteValue(value), "a JSON object");
}

function isJson(value: unknown, walk: Walk): boolean {
  if (walk.units > LARGEST_BODY_BYTES) return refuse(walk, "too much", TOO_LARGE);
  walk.units += 2;
  switch (typeof value) {
    case "string":
      walk.units += value.length;
      return walk.units <= LARGEST_BODY_BYTES || refuse(walk, `${value.length} characters long`, TOO_LARGE);
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) || refuse(walk, `${value}`, "a finite number");
    case "object":
      if (value === null) return true;
      if (walk.keys.length >= DEEPEST_LEVEL) return refuse(walk, "nested too deeply, or contains itself", NOT_DEEPER);
      if (Array.isArray(value)) return isJsonArray(value, walk);
      return isPlain(value) ? hasJsonProperties(value, walk) : refuse(walk, instanceName(value), PLAIN);
    default:
      return refuse(walk, quoteValue(value), PLAIN);
  }
}

function isJsonArray(array: readonly unknown[], walk: Walk): boolean {
  const depth = walk.keys.length;
  for (let index = 0; index < array.length; index++) {
    walk.keys[depth] = index;
    if (!isJson(array[index], walk)) return false;
  }
  walk.keys.length = depth;
  return true;
}

function hasJsonProperties(object: Readonly<Record<string, unknown>>, walk: Walk): boolean {
  const depth = walk.keys.length;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    walk.keys[depth] = key;
    walk.units += key.length;
    if (!isJson(value, walk)) return false;
  }
  walk.keys.length = depth;
  return true;
}

/** Whether an object is no instance of a class. Function nodes run in a context with an `Object` of its own. */
function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || Object.getPrototypeOf(prototype) === null) && !("toJSON" in value);
}

function instanceName(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an object with a toJSON method";
}

function refuse(walk: Walk, value: string, expected: string): false {
  walk.value = value;
  walk.expected = expected;
  return false;
}
