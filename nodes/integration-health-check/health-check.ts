import type { Outcome } from "../lib/delivery/attempt";
import type { AttemptHistory } from "../lib/health/attempt-history";
import { commandTransition } from "../lib/health/command";
import { decide } from "../lib/health/decide";
import { type HealthMessage, healthOf, verdictOf } from "../lib/health/health-message";
import type { IntegrationLedger, IntegrationState, NewTransition, Transition } from "../lib/health/integration-ledger";
import { probedTransition } from "../lib/health/probe";
import { type Counting, evaluateRules, type HealthRule, type RuleVerdict, worst } from "../lib/health/rules";
import { writeDecision } from "../lib/health/write-decision";
import type { Clock } from "../lib/time/clock";
import { Turns } from "../lib/time/turns";

export interface HealthSettings {
  rules: readonly HealthRule[];
  counting: Counting;
  /** Progress of a rule from which an integration is at risk. */
  warnAt: number;
  minWarningMs: number;
  mode: "disable" | "dry-run";
}

export interface HealthCheckParts {
  settings: HealthSettings;
  /** Id of the node that decides. */
  node: string;
  clock: Clock;
  newEpisodeId: () => string;
}

/** What a look at an integration found. */
export interface Finding {
  /** The store's own: it moves on. */
  state: IntegrationState;
  /** What messages say of it, as it was at that moment, with what the rule that is furthest says. */
  health: HealthMessage;
  /** Changes of status that this check has not told yet, whoever decided them, oldest first. */
  news: Transition[];
}

type Change = (
  state: IntegrationState,
  verdicts: readonly RuleVerdict[],
) => NewTransition | null | Promise<NewTransition | null>;
type Ledger = Pick<IntegrationLedger, "state" | "transition" | "reach">;

const NO_OUTAGE = { active: 0, withoutAnswer: 0 };

/**
 * Decides on integrations after each outcome, and by command. The ledger lets one of several checks that decide at once
 * write a transition; each check tells each transition of the integrations it looks at once, also one that another wrote.
 */
export class HealthCheck {
  readonly #parts: HealthCheckParts;
  readonly #startedAt: number;
  readonly #turns = new Turns();
  /** Sequence of the last transition told, by integration. */
  readonly #told = new Map<string, number>();

  constructor(parts: HealthCheckParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** When this check began, ms: what was decided before is not news to it. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** @param lastOutcome of the attempt that was counted; null if none was: then nothing is decided */
  async afterOutcome(ledger: Ledger, integration: string, lastOutcome: Outcome | null): Promise<Finding> {
    return this.#look(ledger, integration, async (state, verdicts) => {
      const { settings, node, clock, newEpisodeId } = this.#parts;
      const { warnAt, minWarningMs, mode } = settings;
      const nowMs = clock.now();
      const reach = NO_OUTAGE;
      const fairVerdicts = state.fair === null ? verdicts : this.#verdicts(state, state.fair.history);
      const rated = { state, verdicts, fairVerdicts, warnAt, minWarningMs, mode };
      const situation = { ...rated, nowMs, lastOutcome, reach, node, newEpisodeId };
      const change = decide(situation);
      if (change?.to !== "disabled" || change.cause.cause !== "rule") return change;
      // Only what a rule disables is held back by our own outage, and to look for one costs a look at all integrations.
      return decide({ ...situation, nowMs: clock.now(), reach: await ledger.reach() });
    });
  }

  /** @param by who it was, as audit and mails name them */
  async command(ledger: Ledger, integration: string, command: "enable" | "disable", by: string): Promise<Finding> {
    const { node, clock, newEpisodeId } = this.#parts;
    return this.#look(ledger, integration, (state) =>
      commandTransition(state, command, by, clock.now(), node, newEpisodeId),
    );
  }

  /** @param good answers to test events in a row, in `generation` */
  async recovered(ledger: Ledger, integration: string, generation: number, good: number): Promise<Finding> {
    const { node, clock } = this.#parts;
    return this.#look(ledger, integration, (state) => probedTransition(state, generation, good, clock.now(), node));
  }

  /** One look at an integration after the other, so that commands and outcomes take effect in the order in which they came. */
  async #look(ledger: Ledger, integration: string, change: Change): Promise<Finding> {
    return this.#turns.take(integration, () => this.#lookNow(ledger, integration, change));
  }

  async #lookNow(ledger: Ledger, integration: string, change: Change): Promise<Finding> {
    let verdicts: readonly RuleVerdict[] = [];
    const { state } = await writeDecision(ledger, integration, (before) => {
      this.#meet(before);
      verdicts = this.#verdicts(before, before.history);
      return change(before, verdicts);
    });
    return this.#finding(state, verdicts);
  }

  #verdicts({ generation }: IntegrationState, history: AttemptHistory): RuleVerdict[] {
    const { settings, clock } = this.#parts;
    return evaluateRules(settings.rules, settings.counting, history, generation, clock.now());
  }

  /** On first sight of an integration: what was decided before this check began has been told. */
  #meet({ integration, transitions }: IntegrationState): void {
    if (this.#told.has(integration)) return;
    const before = transitions.filter(({ at }) => at < this.#startedAt);
    this.#told.set(integration, before.at(-1)?.sequence ?? 0);
  }

  /** @param verdicts on which the change, if any, was decided: a new generation begins without any */
  #finding(state: IntegrationState, verdicts: readonly RuleVerdict[]): Finding {
    const told = this.#told.get(state.integration) ?? 0;
    const news = state.transitions.filter(({ sequence }) => sequence > told);
    this.#told.set(state.integration, news.at(-1)?.sequence ?? told);
    const verdict = worst(verdicts);
    const health = healthOf(state, this.#parts.clock.now());
    return {
      state,
      health: { ...health, verdict: verdict === null ? null : verdictOf(verdict) },
      news,
    };
  }
}
