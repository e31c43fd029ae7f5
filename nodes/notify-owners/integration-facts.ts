import type { IntegrationSpec } from "../lib/integration/integration-spec";
import type { IntegrationFacts } from "../lib/notify/mail-queue";
import type { Meanwhile } from "../lib/notify/meanwhile";
import { maskUrl } from "../lib/wire/mask-url";

/**
 * What mails say of an integration; of one that is gone only its id.
 *
 * @param waiting how many webhooks wait for it now
 */
export function integrationFacts(id: string, spec: IntegrationSpec | undefined, waiting: number): IntegrationFacts {
  if (spec === undefined) return { id, name: id, organization: "", url: "" };
  const { name, organization, url } = spec;
  return { id, name, organization, url: maskUrl(url), meanwhile: meanwhileOf(spec, waiting) };
}

function meanwhileOf({ whenDisabled, holdDays, holdLimit }: IntegrationSpec, waiting: number): Meanwhile {
  const isHeld = whenDisabled === "hold" && holdDays > 0 && holdLimit > 0;
  return isHeld ? { webhooks: "held", days: holdDays, limit: holdLimit, waiting } : { webhooks: "dropped" };
}
