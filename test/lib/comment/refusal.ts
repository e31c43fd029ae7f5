import assert from "node:assert/strict";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";

/** The error with which something is refused; fails if it is accepted, or falls over. */
export function refusal(read: () => unknown): InvalidFieldsError {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidFieldsError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: "was accepted" });
}

/** The wrong fields' names and values. */
export function wrongFields(read: () => unknown): Record<string, string> {
  return Object.fromEntries(refusal(read).fields.map(({ field, value }) => [field, value]));
}
