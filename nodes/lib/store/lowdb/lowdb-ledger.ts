import type {
  ForeignAttempt,
  IntegrationLedger,
  IntegrationState,
  NewTransition,
  Transition,
} from "../../health/integration-ledger";
import { transitionOf } from "../../health/integration-state";
import { DAY_MS, MINUTE_MS } from "../../time/utc-day";
import type { NumberedEntry } from "./journal-entry";
import type { StoreCore } from "./store-core";
import { Turns } from "./turns";

/** Within this time an integration must have answered, or it counts as without answer. */
const REACH_MS = 5 * MINUTE_MS;

/** When an integration last was tried, and when it last answered, ms. */
interface Contact {
  triedAt: number;
  answeredAt: number;
}

/** States of integrations and their transitions, decided one at a time per integration. */
export class LowdbLedger implements IntegrationLedger {
  readonly #core: StoreCore;
  readonly #turns = new Turns();
  readonly #listeners = new Set<(integration: string) => void>();
  readonly #contacts = new Map<string, Contact>();
  /** When any of them last answered, ms. */
  #answeredAt = 0;
  #prunedAt = 0;

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
          await core.write({ t: "foreign", i: attempt.integration, at: core.clock.now(), attempt });
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

  async reach(): Promise<{ active: number; withoutAnswer: number }> {
    const { clock, files } = this.#core;
    const since = this.#reachesBackTo(clock.now());
    let active = 0;
    let withoutAnswer = 0;
    for (const [integration, { triedAt, answeredAt }] of this.#contacts) {
      if (triedAt <= since || files.peek(integration)?.document.state.status === "disabled") continue;
      active += 1;
      if (answeredAt <= since) withoutAnswer += 1;
    }
    return { active, withoutAnswer };
  }

  /** Tells of transitions, and takes note of who answers. */
  applied(entry: NumberedEntry): void {
    if (entry.t === "transition") for (const listener of [...this.#listeners]) listener(entry.i);
    if (entry.t !== "settle" && entry.t !== "foreign") return;
    const { attempt } = entry;
    if (attempt === null || attempt.reason === "blocked-address" || attempt.reason === "no-secret") return;
    const contact = this.#contacts.get(entry.i) ?? { triedAt: 0, answeredAt: 0 };
    contact.triedAt = entry.at;
    if (attempt.statusCode > 0) {
      contact.answeredAt = entry.at;
      this.#answeredAt = entry.at;
    }
    this.#contacts.set(entry.i, contact);
    if (entry.at < this.#prunedAt + REACH_MS) return;
    this.#prunedAt = entry.at;
    const since = this.#reachesBackTo(entry.at);
    for (const [integration, { triedAt }] of this.#contacts) {
      if (triedAt <= since) this.#contacts.delete(integration);
    }
  }

  /** In an outage of ours fewer and fewer attempts are made: then all count that were made since anyone last answered. */
  #reachesBackTo(now: number): number {
    return Math.min(now - REACH_MS, this.#answeredAt);
  }
}
