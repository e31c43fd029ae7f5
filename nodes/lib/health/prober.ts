import type { Outcome } from "../delivery/attempt";
import type { Clock } from "../time/clock";
import type { IntegrationState } from "./integration-ledger";
import { goodInARow, isProbed, nextProbeAt } from "./probe";

export interface ProberParts {
  /** Id of the health check. */
  node: string;
  /** Good answers in a row after which an integration is enabled; 0: never, and nothing is sent. */
  needed: number;
  everyMs: number;
  clock: Clock;
  state: (integration: string) => Promise<IntegrationState>;
  /** Sends a test event; `answered` is called with what comes of it. */
  test: (integration: string) => Promise<void>;
  /** Called when an integration has answered well often enough; again with the next good answer if it rejects. */
  recovered: (integration: string, generation: number, good: number) => Promise<void>;
  onError: (error: unknown) => void;
}

interface Probed {
  /** While the integration is disabled; another one begins anew. */
  generation: number;
  /** When it was disabled, ms. */
  since: number;
  /** When the next test event leaves, ms. */
  dueAt: number;
  good: number;
  cancel: () => void;
}

/**
 * Sends test events to integrations that a health check disabled by a rule, and says when they have recovered. There is
 * one timer for each of them, none otherwise. How many good answers there were is kept in memory: after a restart they
 * are counted anew.
 */
export class Prober {
  readonly #parts: ProberParts;
  readonly #probed = new Map<string, Probed>();
  #stopped = false;

  constructor(parts: ProberParts) {
    this.#parts = parts;
  }

  /** Begins or ends the probing of an integration, as its state asks. */
  look(state: IntegrationState): void {
    const { needed, node } = this.#parts;
    const { integration, generation, since } = state;
    if (this.#stopped || needed === 0 || this.#probed.get(integration)?.generation === generation) return;
    this.#forget(integration);
    if (isProbed(state, node)) this.#wait(integration, { generation, since, dueAt: 0, good: 0 });
  }

  /** @param outcome of a test event that was sent in `generation`; null if no attempt could be made */
  async answered(integration: string, generation: number, outcome: Outcome | null): Promise<void> {
    const probed = this.#probed.get(integration);
    if (probed?.generation !== generation) return;
    probed.good = goodInARow(probed.good, outcome);
    if (probed.good >= this.#parts.needed) await this.#parts.recovered(integration, generation, probed.good);
  }

  stop(): void {
    this.#stopped = true;
    for (const integration of [...this.#probed.keys()]) this.#forget(integration);
  }

  #wait(integration: string, probed: Omit<Probed, "cancel">): void {
    const { clock, everyMs, onError } = this.#parts;
    const dueAt = nextProbeAt(probed.since, everyMs, Math.max(clock.now(), probed.dueAt));
    const cancel = clock.schedule(dueAt - clock.now(), () => {
      this.#probe(integration).catch(onError);
    });
    this.#probed.set(integration, { ...probed, dueAt, cancel });
  }

  async #probe(integration: string): Promise<void> {
    const probed = this.#probed.get(integration);
    if (probed === undefined) return;
    // The next one is waited for whatever comes of this one.
    this.#wait(integration, probed);
    this.look(await this.#parts.state(integration));
    if (this.#probed.get(integration)?.generation === probed.generation) await this.#parts.test(integration);
  }

  #forget(integration: string): void {
    this.#probed.get(integration)?.cancel();
    this.#probed.delete(integration);
  }
}
