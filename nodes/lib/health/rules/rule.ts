import type { AttemptHistory } from "../attempt-history";
import type { RuleFields } from "./rule-fields";

/** Which attempts rules look at: all of them, or those that Sentry's own flow looked at (DESIGN 5). */
export type Counting = "all" | "sentry";

/** What a rule says of an integration. */
export interface RuleVerdict {
  rule: string;
  broken: boolean;
  /** 0 to 1: the smallest of the rule's conditions' shares. 1 exactly if broken. */
  progress: number;
  /** When what the rule complains of began, ms; null while progress is 0. */
  since: number | null;
  /** In words, with the numbers; no full stop. */
  explanation: string;
  /** When the rule would break, at the earliest, if failures go on, ms; null if broken, or if that cannot be known. */
  predictedAt: number | null;
}

/** What a rule reads. */
export interface Reading {
  history: AttemptHistory;
  /** Only attempts of this generation count. */
  generation: number;
  nowMs: number;
  counting: Counting;
}

/** A kind of rule: how its settings are read, and how it is looked at. Both are pure. */
export interface RuleKind<R extends { rule: string }> {
  /** Reads the rule's settings; absent ones get the values of the design. Wrong ones are noted in `fields`. */
  parse(fields: RuleFields): R;
  evaluate(rule: R, reading: Reading): RuleVerdict;
}

/** Whether the run of failures, the minutes and the last fatal outcome in the history are of the generation that is read. */
export function isCurrent({ history, generation }: Reading): boolean {
  return history.generation === generation;
}

/** `part / whole`, at most 1. */
export function shareOf(part: number, whole: number): number {
  return part >= whole ? 1 : Math.max(0, part) / whole;
}
