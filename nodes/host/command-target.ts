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
  throw new InvalidFieldsError("command", [
    {
      field: "msg.integration",
      value: quoteValue(idOrSlug),
      expected: `the slug of one integration, or an id, since ${ids.length} have this slug: ${ids.join(", ")}`,
    },
  ]);
}
