import type { IntegrationDirectory } from "../../nodes/lib/delivery/integration-directory";
import type { LiveIntegration } from "../../nodes/lib/integration/integration-spec";

/** Integrations that are deployed from the beginning and stay as they are. */
export function directoryOf(integrations: ReadonlyMap<string, LiveIntegration>): IntegrationDirectory {
  return {
    get: (id) => integrations.get(id),
    unseal: () => {
      throw new Error("all integrations are deployed");
    },
    list: () => [...integrations.values()],
    onChange: () => () => undefined,
  };
}
