import * as v from "valibot";

/**
 * A schema made of a function that reads a value, or returns `undefined` if it cannot.
 *
 * @param expected what would have been right, in words: the issue's message
 */
export function readAs<Output>(read: (value: unknown) => Output | undefined, expected: string) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Output>(({ dataset, addIssue, NEVER }) => {
      const output = read(dataset.value);
      if (output !== undefined) return output;
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}
