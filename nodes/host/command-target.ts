import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import type { Integrations } from "./integrations";

/**
 * The id that a command's `msg.integration` means: an id, or the slug of one deployed integration. Integrations given in
 * messages are known by their id only.
 *
 * @throws InvalidFieldsError if several integrations have that slug
 */
export function theIntegration(idOrSlug: string, integrations: Integrations): string {
  const ids = integrations.idsOf(idOrSlug);
  if (ids.length <= 1) return ids[0] ?? idOrSlug;
  const several = `the slug of one integration, or an id, since ${ids.length} have this slug: ${ids.join(", ")}`;
  throw refusedCommand("msg.integration", idOrSlug, several);
}

/** What is wrong with a command for an integration that is not deployed, and of which nothing is known. */
export function unknownTarget(integration: string): InvalidFieldsError {
  const expected = "the id or slug of an integration that is deployed or has been sent to";
  return refusedCommand("msg.integration", integration, expected);
}

/** What is wrong with one field of a command. */
export function refusedCommand(field: string, value: unknown, expected: string): InvalidFieldsError {
  return new InvalidFieldsError("command", [{ field, value: quoteValue(value), expected }]);
}
