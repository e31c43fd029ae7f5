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

/** A value as it may stand in an error message: quoted, on one line, at most 80 characters. */
export function quoteValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "bigint") return `${value}`;
  let text: string;
  try {
    text = JSON.stringify(typeof value === "string" ? value.slice(0, SHOWN_CHARACTERS + 1) : value) ?? typeof value;
  } catch {
    return `an unprintable ${typeof value}`;
  }
  const characters = Array.from(text.slice(0, 4 * SHOWN_CHARACTERS));
  return characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join("")}…` : text;
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
