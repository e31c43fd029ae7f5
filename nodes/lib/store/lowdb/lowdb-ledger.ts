import type { Attempt } from "../../delivery/attempt";
import type {
  ForeignAttempt,
  IntegrationLedger,
  IntegrationState,
  NewTransition,
  Transition,
} from "../../health/integration-ledger";
import { takesEffect, transitionOf } from "../../health/integration-state";
import { blameFor, type NetworkFacts, NetworkWatch } from "../../health/network-watch";
import type { Reach } from "../../health/reach";
import { Turns } from "../../time/turns";
import { DAY_MS } from "../../time/utc-day";
import type { NumberedEntry } from "./journal-entry";
import type { StoreCore } from "./store-core";

/** What is looked at of an attempt, whoever made it. */
type SomeAttempt = Pick<Attempt, "outcome" | "reason" | "statusCode" | "startedAt">;

/** States of integrations and their transitions, decided one at a time per integration. */
export class LowdbLedger implements IntegrationLedger {
  readonly #core: StoreCore;
  readonly #turns = new Turns();
  readonly #listeners = new Set<(integration: string) => void>();
  readonly #network = new NetworkWatch();

  constructor(core: StoreCore) {
    this.#core = core;
  }

  async state(integration: string): Promise<IntegrationState> {
    return (await this.#core.files.load(integration)).document.state;
  }

  async integrations(): Promise<string[]> {
    return await this.#core.files.ids();
  }

  async countForeign(attempt: ForeignAttempt): Promise<IntegrationState> {
    const core = this.#core;
    return await core.files.use(attempt.integration, ({ document }) =>
      this.#turns.take(attempt.integration, async () => {
        if (!document.foreign.includes(attempt.attemptId)) {
          const at = core.clock.now();
          const network = this.meet(attempt.integration, attempt, at);
          await core.write({ t: "foreign", i: attempt.integration, at, attempt, network });
        }
        return document.state;
      }),
    );
  }

  async transition(integration: string, revision: number, transition: NewTransition): Promise<Transition | null> {
    const core = this.#core;
    return await core.files.use(integration, (loaded) =>
      this.#turns.take(integration, async () => {
        const { state, lastFailure } = loaded.document;
        if (state.revision !== revision) return null;
        const written = transitionOf(state, transition, lastFailure);
        const heldSince = state.status === "disabled" ? state.since : null;
        loaded.changing = true;
        try {
          await core.write({ t: "transition", i: integration, heldSince, transition: written });
        } finally {
          loaded.changing = false;
        }
        return written;
      }),
    );
  }

  onTransition(listener: (integration: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async unclaimedTransitions(node: string): Promise<{ integration: string; transition: Transition }[]> {
    const core = this.#core;
    const since = core.clock.now() - DAY_MS;
    const pending = core.notifications.document.pending.filter((each) => each.node === node && each.at > since);
    const found = await Promise.all(
      pending.map(async ({ integration, sequence }) => {
        const { transitions } = await this.state(integration);
        const transition = transitions.find((each) => each.sequence === sequence);
        return transition === undefined || transition.notified ? [] : [{ integration, transition }];
      }),
    );
    return found.flat();
  }

  async reach(): Promise<Reach> {
    return this.#network.reach(this.#core.clock.now());
  }

  /**
   * Takes note of an attempt that is about to be written.
   *
   * @returns what is known of our own network, if it decides what is held against the integration
   */
  meet(integration: string, attempt: SomeAttempt | null, at: number): NetworkFacts | undefined {
    if (attempt === null) return undefined;
    this.#note(integration, attempt, at);
    const fair = this.#core.files.peek(integration)?.document.state.fair ?? null;
    if (attempt.outcome === null || (attempt.outcome !== "timeout" && fair === null)) return undefined;
    const since = Math.min(attempt.startedAt, ...(fair?.unclear ?? []).map(({ startedAt }) => startedAt));
    const facts = this.#network.facts(since, at);
    return fair === null && blameFor(Math.min(attempt.startedAt, at), facts) === "theirs" ? undefined : facts;
  }

  /** Tells of transitions. */
  applied(entry: NumberedEntry): void {
    if (entry.t !== "transition") return;
    const { to } = entry.transition;
    if (to === "disabled" && takesEffect(entry.transition)) this.#network.forget(entry.i);
    for (const listener of [...this.#listeners]) listener(entry.i);
  }

  replayed(entry: NumberedEntry): void {
    this.applied(entry);
    if ((entry.t === "settle" || entry.t === "foreign") && entry.attempt !== null) {
      this.#note(entry.i, entry.attempt, entry.at);
    }
  }

  #note(integration: string, { reason, startedAt, statusCode }: SomeAttempt, at: number): void {
    // Nothing was sent, and not since the network was down.
    if (reason === "blocked-address" || reason === "no-secret") return;
    const active = this.#core.files.peek(integration)?.document.state.status !== "disabled";
    this.#network.note({ integration, startedAt, at, answered: statusCode > 0, active });
  }
}
