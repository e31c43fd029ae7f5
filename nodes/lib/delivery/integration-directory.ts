import type { LiveIntegration, SealedIntegration } from "../integration/integration-spec";

/** Where settings of integrations come from: config nodes, as long as they are deployed. */
export interface IntegrationDirectory {
  get(id: string): LiveIntegration | undefined;
  /** Resolves an integration given in a message, e.g. its `tls` and `proxy` nodes and sealed secrets. Throws if it cannot. */
  unseal(sealed: SealedIntegration): LiveIntegration;
  /** All that are deployed now. */
  list(): LiveIntegration[];
  /** Calls `listener` with the id of each integration whose settings came, changed or went. */
  onChange(listener: (id: string) => void): () => void;
}
