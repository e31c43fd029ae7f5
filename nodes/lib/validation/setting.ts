import * as v from "valibot";

/** A whole value that is still a reference: Node-RED leaves it so when the environment variable is not set. */
const WHOLE_REFERENCE = /^\s*\$\{([^{}]+)\}\s*$/;
const ANY_REFERENCE = /\$\{([^{}]+)\}/;

/** What was expected in place of a value that still refers to an environment variable, or null if it does not. */
export function unresolvedReference(value: unknown, where: "whole" | "anywhere"): string | null {
  if (typeof value !== "string") return null;
  const name = (where === "whole" ? WHOLE_REFERENCE : ANY_REFERENCE).exec(value)?.[1];
  return name === undefined ? null : `a value, but the environment variable ${name} is not set`;
}

/**
 * A property that may have come through an environment variable: the real type or its text. What is missing (`undefined`,
 * `null`, or an empty text where `read` does not take one) is the default.
 *
 * @param read gives `undefined` for what it cannot read
 * @param expected what would have been right, in words
 */
export function setting<Output>(read: (value: unknown) => Output | undefined, expected: string, fallback: Output) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Output>(({ dataset: { value }, addIssue, NEVER }) => {
      if (value === undefined || value === null) return fallback;
      const unresolved = unresolvedReference(value, "whole");
      if (unresolved !== null) {
        addIssue({ message: unresolved });
        return NEVER;
      }
      const output = read(value);
      if (output !== undefined) return output;
      if (value === "") return fallback;
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}

const LONGEST_TEXT = 255;

/** Control characters, lone surrogates, and separators that would break a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** A text of at most 255 printable characters, trimmed. */
export function readText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text.length <= LONGEST_TEXT && !UNPRINTABLE.test(text) ? text : undefined;
}

export function textSetting(fallback: string) {
  return setting(readText, `a text of at most ${LONGEST_TEXT} printable characters`, fallback);
}

export function choiceSetting<const Choice extends string>(choices: readonly Choice[], fallback: Choice) {
  return setting(
    (value) => choices.find((choice) => choice === (typeof value === "string" ? value.trim() : value)),
    choices.map((choice) => `"${choice}"`).join(" or "),
    fallback,
  );
}

export function flagSetting(fallback: boolean) {
  return setting(
    (value) => {
      if (typeof value === "boolean") return value;
      if (typeof value !== "string") return undefined;
      const text = value.trim().toLowerCase();
      return text === "true" || text === "false" ? text === "true" : undefined;
    },
    "true or false",
    fallback,
  );
}

interface NumberRange {
  least: number;
  most: number;
  whole: boolean;
  /** E.g. `"milliseconds"`. */
  unit: string;
}

/** A number or its decimal text: no empty text, no hexadecimal, nothing but the number. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !/^\s*[-+]?(\d+(\.\d*)?|\.\d+)\s*$/.test(value)) return undefined;
  return Number(value);
}

export function numberSetting({ least, most, whole, unit }: NumberRange, fallback: number) {
  return setting(
    (value) => {
      const number = readNumber(value);
      if (number === undefined || number < least || number > most) return undefined;
      return whole && !Number.isInteger(number) ? undefined : number;
    },
    `a ${whole ? "whole number" : "number"} of ${unit} from ${least} to ${most}`,
    fallback,
  );
}

/** A list, its JSON text, or its items with commas between them. */
export function readList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (!value.trimStart().startsWith("[")) return value.split(",").map((item) => item.trim());
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

interface ListRules<Item> {
  read: (item: unknown) => Item | undefined;
  /** What the items are, e.g. `"project slugs"`. */
  items: string;
  /** What one of them is, e.g. `"a project slug"`, where that reads better than "one of …". */
  item?: string;
  least: number;
  most: number;
}

/** A list without duplicates. Each wrong item is an issue of its own. */
export function listSetting<Item>(
  { read, items, item: one = `one of ${items}`, least, most }: ListRules<Item>,
  fallback: readonly Item[],
) {
  const expected = `a list of ${least === 0 ? "at most" : `${least} to`} ${most} ${items}`;
  return v.pipe(
    setting<readonly unknown[]>(readList, expected, fallback),
    v.check((list) => list.length >= least && list.length <= most, expected),
    v.rawTransform<readonly unknown[], readonly Item[]>(({ dataset: { value: list }, addIssue, NEVER }) => {
      if (list.length > most) return NEVER;
      const good: Item[] = [];
      let wrong = false;
      for (const [key, item] of list.entries()) {
        const unresolved = unresolvedReference(item, "whole");
        const output = unresolved === null ? read(item) : undefined;
        if (output !== undefined) {
          good.push(output);
          continue;
        }
        wrong = true;
        addIssue({
          message: unresolved ?? one,
          input: item,
          path: [{ type: "array", origin: "value", input: [...list], key, value: item }],
        });
      }
      return wrong ? NEVER : [...new Set(good)];
    }),
  );
}
