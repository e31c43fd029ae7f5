import { ATTEMPT_CLASSES, type AttemptClass, type Outcome } from "../delivery/attempt";
import { DAY_MS, startOfUtcDay } from "../time/utc-day";
import type { DayCounts } from "./attempt-history";
import { allAttempts } from "./day-counts";
import { decide } from "./decide";
import type { HealthStatus, IntegrationState } from "./integration-ledger";
import { applyTransition, freshState, transitionOf } from "./integration-state";
import { recordAttempt } from "./record-attempt";
import { type Counting, evaluateRules, type HealthRule } from "./rules";

export interface PreviewSettings {
  rules: readonly HealthRule[];
  counting: Counting;
  warnAt: number;
  minWarningMs: number;
}

/** A change of status that the rules would have made. */
export interface PreviewedChange {
  from: HealthStatus;
  to: HealthStatus;
  /** ms; the day is as it was, the time within it is estimated. */
  at: number;
  rule: string | null;
  explanation: string;
}

export interface Preview {
  /** Oldest first, up to and with the first disabling: what came after it would have been another history. */
  changes: PreviewedChange[];
  /** First and last UTC day that was looked at, or null if nothing was counted yet. */
  days: { first: string; last: string } | null;
}

/** More attempts of one day than this are thinned out, in proportion. */
const MOST_PER_DAY = 20_000;

const NOBODY = { active: 0, withoutAnswer: 0 };

/**
 * What rules would have done to an integration, from the counts of its last days. Each day's attempts are spread evenly
 * over it and mixed in proportion: whole days are exact, what happens within a day is an estimate. Pure.
 */
export function previewRules(
  settings: PreviewSettings,
  { history }: Pick<IntegrationState, "history">,
  nowMs: number,
): Preview {
  const days = history.days.toReversed();
  const first = days[0]?.date;
  const last = days.at(-1)?.date;
  if (first === undefined || last === undefined) return { changes: [], days: null };

  const state = freshState("preview", startOfUtcDay(first));
  const changes: PreviewedChange[] = [];
  for (const day of days) {
    for (const { class: attemptClass, at } of spread(day, nowMs)) {
      recordAttempt(state.history, { class: attemptClass, at, generation: state.generation });
      const verdicts = evaluateRules(settings.rules, settings.counting, state.history, state.generation, at);
      const change = decide({
        state,
        verdicts,
        fairVerdicts: verdicts,
        nowMs: at,
        warnAt: settings.warnAt,
        minWarningMs: settings.minWarningMs,
        mode: "disable",
        lastOutcome: outcomeOf(attemptClass),
        reach: NOBODY,
        node: "preview",
        newEpisodeId: () => "preview",
      });
      if (change === null) continue;
      applyTransition(state, transitionOf(state, change, null));
      changes.push({ from: change.from, to: change.to, at, rule: change.rule, explanation: change.explanation });
      if (change.to === "disabled") return { changes, days: { first, last } };
    }
  }
  return { changes, days: { first, last } };
}

interface SpreadAttempt {
  class: AttemptClass;
  at: number;
}

/** The attempts of a day, at even distances, each class as evenly among the others as its share allows. */
function* spread(day: DayCounts, nowMs: number): Generator<SpreadAttempt> {
  const begin = startOfUtcDay(day.date);
  const length = Math.max(0, Math.min(DAY_MS, nowMs - begin));
  const all = allAttempts(day);
  const total = Math.min(all, MOST_PER_DAY);
  const classes = ATTEMPT_CLASSES.filter((name) => day[name] > 0);
  const owed = new Map(classes.map((name) => [name, 0]));
  for (let index = 0; index < total; index++) {
    let most: AttemptClass | undefined;
    for (const name of classes) {
      owed.set(name, (owed.get(name) ?? 0) + day[name] / all);
      if (most === undefined || (owed.get(name) ?? 0) > (owed.get(most) ?? 0)) most = name;
    }
    if (most === undefined) return;
    owed.set(most, (owed.get(most) ?? 0) - 1);
    yield { class: most, at: begin + ((index + 0.5) / total) * length };
  }
}

function outcomeOf(attemptClass: AttemptClass): Outcome {
  switch (attemptClass) {
    case "success":
    case "fatal":
      return attemptClass;
    case "noAnswer":
      return "timeout";
    default:
      return "error";
  }
}
