import * as v from "valibot";
import { type InvalidField, InvalidFieldsError, quoteValue } from "./invalid-fields-error";

export interface CheckOptions {
  /** What is being read, e.g. `"comment event"`. */
  subject: string;
  /** Where the input stands, as a flow author would write it, e.g. `"msg.payload"`. */
  path: string;
  /** Paths below `path` that hold secrets, e.g. `"headers"`: no value at, above or below them is shown. */
  hidden?: readonly string[];
}

const HIDDEN = "(hidden)";
const LONGEST_SHOWN_KEY = 80;

/**
 * Reads an input with a schema whose messages say what was expected, in words.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function check<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  { subject, path, hidden = [] }: CheckOptions,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw new InvalidFieldsError(
    subject,
    result.issues.map((issue): InvalidField => {
      const keys = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
      return {
        field: pathOf(path, keys),
        value: isHidden(keys, hidden) ? HIDDEN : quoteValue(issue.input),
        expected: issue.message,
      };
    }),
  );
}

/** A path as a flow author would write it: `msg.integrations[0].headers["X-Team"]`. */
export function pathOf(root: string, keys: readonly (string | number)[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    const shown = key.length > LONGEST_SHOWN_KEY ? `${key.slice(0, LONGEST_SHOWN_KEY)}…` : key;
    return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(shown) ? `${path}.${shown}` : `${path}[${quoteValue(shown)}]`;
  }, root);
}

function isHidden(keys: readonly (string | number)[], hidden: readonly string[]): boolean {
  return hidden.some((path) => path.split(".").every((part, depth) => depth >= keys.length || keys[depth] === part));
}
