import { lanePolicy } from "../../delivery/lane-policy";
import type { LanePolicy } from "../../delivery/outbox";
import type { IntegrationFiles } from "./integration-files";

/**
 * What lanes may do: what they were configured for, or else what the settings say that came with their webhooks. Those are
 * in the integration's document, so that thousands of integrations given in messages need not be remembered here, too.
 */
export class LanePolicies {
  readonly #files: IntegrationFiles;
  readonly #configured = new Map<string, LanePolicy>();

  constructor(files: IntegrationFiles) {
    this.#files = files;
  }

  /** @param policy null to forget what was configured */
  configure(integration: string, policy: LanePolicy | null): void {
    if (policy === null) this.#configured.delete(integration);
    else this.#configured.set(integration, policy);
  }

  /** Of an integration that is in memory; null if its lane may do nothing. */
  of(integration: string): LanePolicy | null {
    const configured = this.#configured.get(integration);
    if (configured !== undefined) return configured;
    const settings = this.#files.peek(integration)?.document.settings ?? null;
    return settings === null ? null : lanePolicy(settings);
  }
}
