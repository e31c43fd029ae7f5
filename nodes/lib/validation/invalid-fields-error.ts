import { isDate } from "node:util/types";

/** One wrong field: where it is, what stood there and what was expected. */
export interface InvalidField {
  /** Path as a flow author would write it, e.g. `msg.payload.comment.id`. */
  field: string;
  /** What was found, shortened and quoted for a log; `"(hidden)"` for a secret. */
  value: string;
  /** What would have been right, in words. */
  expected: string;
}

const SHOWN_CHARACTERS = 80;

/** Characters that would break a line of a log, or turn the direction of what follows, and that JSON leaves as they are. */
const DECEPTIVE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A value as it may stand in an error message: quoted, on one line, at most 80 characters. */
export function quoteValue(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    const text = print(value, SHOWN_CHARACTERS).replace(
      DECEPTIVE,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    const characters = Array.from(text);
    return characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join("")}…` : text;
  } catch {
    return `an unprintable ${typeof value}`;
  }
}

/**
 * JSON of the beginning of a value: stops once there are more than `room` characters, so that neither a huge nor a deep
 * nor a circular value costs more than what is shown of it.
 */
function print(value: unknown, room: number): string {
  if (typeof value === "string") {
    const start = Array.from(value.slice(0, 2 * room + 2));
    return JSON.stringify(start.slice(0, room + 1).join(""));
  }
  if (typeof value === "function" || typeof value === "symbol") return typeof value;
  if (typeof value !== "object" || value === null) return String(value);
  if (isDate(value)) return Number.isNaN(value.getTime()) ? "an invalid date" : `"${value.toISOString()}"`;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  return Array.isArray(value) ? printList(value, room) : printObject(value, room);
}

function printList(list: readonly unknown[], room: number): string {
  let text = "[";
  for (const item of list) {
    if (text.length > room) return text;
    text += `${text === "[" ? "" : ","}${print(item, room - text.length)}`;
  }
  return `${text}]`;
}

function printObject(object: object, room: number): string {
  let text = "{";
  for (const [key, item] of ownEntries(object)) {
    if (text.length > room) return text;
    const name = `${text === "{" ? "" : ","}${print(key, room)}:`;
    text += `${name}${print(item, Math.max(room - text.length - name.length, 0))}`;
  }
  return `${text}}`;
}

function* ownEntries(object: object): Generator<[string, unknown]> {
  for (const key of Object.keys(object)) yield [key, Reflect.get(object, key)];
}

/** Input that was refused. The message names each wrong field, its value and what was expected. */
export class InvalidFieldsError extends Error {
  override readonly name = "InvalidFieldsError";

  /**
   * @param subject what was being read, e.g. `"comment event"`
   * @param fields at least one wrong field
   */
  constructor(
    readonly subject: string,
    readonly fields: readonly InvalidField[],
  ) {
    super(
      `${subject}: ${fields.map(({ field, value, expected }) => `${field} is ${value}, expected ${expected}`).join("; ")}`,
    );
  }
}
