import { existsSync } from "node:fs";
import type { IntegrationSpec, SealedIntegration } from "../lib/integration/integration-spec";
import type { Host } from "./host";
import type { Pipeline } from "./pipeline";
import type { Lease } from "./pipelines";

/** An integration where it lives. */
export interface Located {
  pipeline: Pipeline;
  /** Undefined for one that is neither deployed nor known from a message any more. */
  spec: IntegrationSpec | undefined;
}

/** The pipelines that one node works with: it takes them as integrations ask for them, and lets go of all when it closes. */
export class NodePipelines {
  readonly #host: Host;
  readonly #leases = new Map<string, Lease>();

  constructor(host: Host) {
    this.#host = host;
    // What waits there since before a restart may have come through this node, from integrations given in messages.
    const { defaultPath } = host.locations;
    if (existsSync(defaultPath)) this.#lease(defaultPath);
  }

  /**
   * Finds an integration and the pipeline that keeps its state: by its config node, by the settings it came with, or by
   * those it last came with.
   */
  async of(integration: string, settings?: SealedIntegration): Promise<Located> {
    const deployed = this.#host.integrations.get(integration);
    if (deployed !== undefined) return { pipeline: await this.#open(deployed.storePath), spec: deployed.spec };
    if (settings !== undefined) {
      return { pipeline: await this.#open(this.#host.locations.pathOf(settings.store)), spec: settings };
    }
    for (const pipeline of this.#host.pipelines.opened()) {
      const known = await pipeline.store.settings(integration);
      if (known !== null) return { pipeline, spec: known };
    }
    return { pipeline: await this.#open(this.#host.locations.defaultPath), spec: undefined };
  }

  async release(): Promise<void> {
    const leases = [...this.#leases.values()];
    this.#leases.clear();
    await Promise.all(leases.map((lease) => lease.release()));
  }

  #open(path: string): Promise<Pipeline> {
    return this.#lease(path).pipeline();
  }

  #lease(path: string): Lease {
    const lease = this.#leases.get(path) ?? this.#host.pipelines.lease(path);
    this.#leases.set(path, lease);
    return lease;
  }
}
