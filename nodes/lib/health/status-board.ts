import type { IntegrationDirectory } from "../delivery/integration-directory";
import type { Outbox } from "../delivery/outbox";
import type { IntegrationLedger } from "./integration-ledger";
import { dryStanding, realStanding, type Standing } from "./standing";

/** How an integration stands: in truth, and had the decisions of dry runs taken effect. */
export interface BoardEntry {
  integration: string;
  name: string;
  real: Standing;
  dry: Standing;
}

export interface BoardParts {
  store: Pick<IntegrationLedger, "state" | "onTransition"> & Pick<Outbox, "settings" | "lanes">;
  directory: IntegrationDirectory;
}

/**
 * How the integrations of a store stand now, for those who show it: all that are deployed; of those given in messages the
 * ones that are not active, as far as something waits for them or happened to them since the store was opened.
 */
export class StatusBoard {
  readonly #parts: BoardParts;
  readonly #entries = new Map<string, BoardEntry>();
  readonly #listeners = new Set<() => void>();
  #unsubscribe: (() => void)[] = [];
  #loaded = false;
  #stopped = false;

  constructor(parts: BoardParts) {
    this.#parts = parts;
  }

  /** Whether all that is known from before was read. */
  get loaded(): boolean {
    return this.#loaded;
  }

  entries(): Iterable<BoardEntry> {
    return this.#entries.values();
  }

  /** Calls `listener` after each change. Returns the function that ends it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when it is loaded. */
  async start(): Promise<void> {
    const { store, directory } = this.#parts;
    const look = (integration: string) => void this.#look(integration);
    this.#unsubscribe = [store.onTransition(look), directory.onChange(look)];
    const known = new Set(directory.list().map(({ spec }) => spec.id));
    for (const { integration } of store.lanes()) known.add(integration);
    // One after the other: deliveries go first.
    for (const integration of known) {
      if (this.#stopped) return;
      await this.#look(integration);
    }
    this.#loaded = true;
    this.#tell();
  }

  stop(): void {
    this.#stopped = true;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  /** Never rejects: of an integration whose file cannot be read the store tells by itself. */
  async #look(integration: string): Promise<void> {
    const entry = await this.#read(integration).catch(() => null);
    if (this.#stopped) return;
    if (entry === null) this.#entries.delete(integration);
    else this.#entries.set(integration, entry);
    if (this.#loaded) this.#tell();
  }

  async #read(integration: string): Promise<BoardEntry | null> {
    const { store, directory } = this.#parts;
    const state = await store.state(integration);
    const given = directory.get(integration) === undefined ? await store.settings(integration) : null;
    const deployed = directory.get(integration);
    const name = (deployed?.spec ?? given)?.name;
    if (name === undefined) return null;
    const real = realStanding(state);
    const dry = dryStanding(state);
    const active = real.status === "active" && dry.status === "active";
    return active && deployed === undefined ? null : { integration, name, real, dry };
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
