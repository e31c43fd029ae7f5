import type { NodeAPI } from "node-red";
import type { IntegrationDirectory } from "../lib/delivery/integration-directory";
import type { IntegrationSpec, LiveIntegration, SealedIntegration } from "../lib/integration/integration-spec";
import { openSecrets } from "../lib/integration/seal-secrets";
import { proxySettings, tlsSettings } from "./connection-nodes";
import type { Deployed } from "./deployed";
import type { StoreLocations } from "./store-locations";

/** A deployed `webhook-integration` node. */
export interface DeployedIntegration extends LiveIntegration {
  /** The flow or subflow instance that it belongs to; empty for a global one. */
  z: string;
  /** Folder of its store. */
  storePath: string;
}

const NO_SECRETS = { secret: "", previousSecret: "", headers: {} };

/** All integrations that config nodes describe, by id and by slug, and as the delivery engine of one store sees them. */
export class Integrations {
  readonly #RED: NodeAPI;
  readonly #deployed: Deployed<DeployedIntegration>;
  readonly #locations: StoreLocations;
  /** By scope, until one of them changes: each comment asks for all. */
  #visible = new WeakMap<(z: string) => boolean, readonly IntegrationSpec[]>();

  constructor(RED: NodeAPI, deployed: Deployed<DeployedIntegration>, locations: StoreLocations) {
    this.#RED = RED;
    this.#deployed = deployed;
    this.#locations = locations;
    deployed.onChange(() => {
      this.#visible = new WeakMap();
    });
  }

  get(id: string): DeployedIntegration | undefined {
    return this.#deployed.get(id);
  }

  /** What is known of those that a node with this scope can use. */
  visible(isVisible: (z: string) => boolean): readonly IntegrationSpec[] {
    const known = this.#visible.get(isVisible);
    if (known !== undefined) return known;
    const specs = this.#deployed.entries().flatMap(([, { z, spec }]) => (isVisible(z) ? [spec] : []));
    this.#visible.set(isVisible, specs);
    return specs;
  }

  /** The ids that a command's `msg.integration` can mean: an id, else every integration with that slug. */
  idsOf(idOrSlug: string): string[] {
    if (this.#deployed.get(idOrSlug)) return [idOrSlug];
    return this.#deployed
      .entries()
      .filter(([, { spec }]) => spec.slug === idOrSlug)
      .map(([id]) => id);
  }

  /** The integrations whose state is kept in one folder. */
  in(storePath: string): IntegrationDirectory {
    const belongs = (integration: DeployedIntegration | undefined) => integration?.storePath === storePath;
    return {
      get: (id) => {
        const integration = this.#deployed.get(id);
        return belongs(integration) ? integration : undefined;
      },
      list: () =>
        this.#deployed
          .entries()
          .map(([, integration]) => integration)
          .filter(belongs),
      unseal: (sealed) => this.#unseal(sealed, storePath),
      onChange: (listener) =>
        this.#deployed.onChange((id, before, after) => {
          if (belongs(before) || belongs(after)) listener(id);
        }),
    };
  }

  #unseal({ sealedSecrets, ...spec }: SealedIntegration, storePath: string): LiveIntegration {
    const encryptionKey = this.#locations.encryptionKeyAt(storePath);
    return {
      spec,
      secrets: sealedSecrets === null ? NO_SECRETS : openSecrets(sealedSecrets, encryptionKey, spec.id),
      tls: tlsSettings(this.#RED, spec.tls),
      proxy: proxySettings(this.#RED, spec.proxy),
    };
  }
}
