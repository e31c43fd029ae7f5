import type { Transition } from "../../nodes/lib/health/integration-ledger";
import type { ModelChange } from "./health-model";

export interface ExpectedChange {
  integration: string;
  change: ModelChange;
}

const CAUSES = { rule: ["rule", "receiver"], person: ["person"], recovery: ["recovered"] } as const;

/** Holds the changes that a pipeline tells of against those of the model. */
export class TransitionCheck {
  /** Changes that were told but held back because of our own outage. */
  suspended = 0;
  readonly #dryRun: boolean;
  readonly #differs: (integration: string, how: string, details?: unknown) => void;
  readonly #told: { integration: string; transition: Transition }[] = [];
  /** Episodes of the store by those of the model, and the other way round. */
  readonly #episodes = new Map<string, string>();

  constructor(dryRun: boolean, differs: (integration: string, how: string, details?: unknown) => void) {
    this.#dryRun = dryRun;
    this.#differs = differs;
  }

  tell(integration: string, transition: Transition): void {
    this.#told.push({ integration, transition });
  }

  /**
   * Compares what was told since the last look.
   *
   * @param isHeldBack whether the model would have disabled but for our own outage
   */
  look(expected: readonly ExpectedChange[], isHeldBack: boolean): void {
    const told = this.#told.splice(0).filter(({ integration, transition }) => {
      if (!transition.suspended) return true;
      this.suspended += 1;
      if (!isHeldBack) this.#differs(integration, "is said to be held back by our own outage", transition);
      return false;
    });
    for (const { integration, change } of expected) {
      const [first] = told.splice(0, 1);
      if (first?.integration !== integration) this.#differs(integration, `should be ${change.to}`, change);
      else this.#compare(integration, change, first.transition);
    }
    for (const { integration, transition } of told) this.#differs(integration, "should not change", transition);
  }

  #compare(integration: string, change: ModelChange, transition: Transition): void {
    const { from, to, at, cause, rule, episode, dryRun } = transition;
    const causes: readonly string[] = CAUSES[change.by];
    const isSame =
      from === change.from &&
      to === change.to &&
      at === change.at &&
      causes.includes(cause.cause) &&
      dryRun === (this.#dryRun && change.by !== "person") &&
      (change.by !== "rule" || (rule !== null && change.rules.includes(rule)));
    if (!isSame) this.#differs(integration, "changes otherwise", { change, transition });
    const [ours, models] = [`${integration} ${episode}`, `${integration} of the model ${change.episode}`];
    if ((this.#episodes.get(ours) ?? models) !== models || (this.#episodes.get(models) ?? ours) !== ours) {
      this.#differs(integration, "is in another episode", { change, transition });
    }
    this.#episodes.set(ours, models).set(models, ours);
  }
}
