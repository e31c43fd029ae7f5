import type { Outcome } from "../lib/delivery/attempt";
import { isPlainObject } from "../lib/validation/plain-object";

const OUTCOMES = ["success", "error", "timeout", "fatal"] as const satisfies readonly Outcome[];

/** The outcome in a `msg.delivery` if it was counted: tests, replays and answers of an older generation were not. */
export function countedOutcome(delivery: unknown, generation: number): Outcome | null {
  if (!isPlainObject(delivery) || delivery.kind !== "event" || delivery.generation !== generation) return null;
  return OUTCOMES.find((outcome) => outcome === delivery.outcome) ?? null;
}
