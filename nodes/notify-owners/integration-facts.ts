import type { IntegrationSpec } from "../lib/integration/integration-spec";
import type { IntegrationFacts } from "../lib/notify/mail-queue";
import { maskUrl } from "../lib/wire/mask-url";

/** What mails say of an integration; of one that is gone only its id. */
export function integrationFacts(id: string, spec: IntegrationSpec | undefined): IntegrationFacts {
  return {
    id,
    name: spec?.name ?? id,
    organization: spec?.organization ?? "",
    url: spec === undefined ? "" : maskUrl(spec.url),
  };
}
