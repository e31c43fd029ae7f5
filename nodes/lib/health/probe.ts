import type { Outcome } from "../delivery/attempt";
import { counted } from "./failure-words";
import type { IntegrationState, NewTransition } from "./integration-ledger";
import { takesEffect } from "./integration-state";

/**
 * Whether a health check probes an integration: only one that it disabled itself, by a rule. A person who disabled it had
 * a reason, and a receiver that answered 410 asked not to be called again.
 *
 * @param node id of the health check
 */
export function isProbed({ status, transitions }: Pick<IntegrationState, "status" | "transitions">, node: string) {
  if (status !== "disabled") return false;
  const disabling = transitions.findLast(takesEffect);
  return disabling?.cause.cause === "rule" && disabling.node === node;
}

/**
 * When the first test event after `afterMs` is due, ms: there is one every `everyMs` since the integration was disabled,
 * so that restarts neither put it off nor bring it forward.
 */
export function nextProbeAt(since: number, everyMs: number, afterMs: number): number {
  return since + (Math.floor(Math.max(0, afterMs - since) / everyMs) + 1) * everyMs;
}

/** Good answers in a row after another one; one that was no answer at all, since we could not ask, changes nothing. */
export function goodInARow(good: number, outcome: Outcome | null): number {
  if (outcome === null) return good;
  return outcome === "success" ? good + 1 : 0;
}

/**
 * The change that enables an integration after good answers to test events; null if meanwhile someone else enabled or
 * disabled it.
 *
 * @param generation in which the test events were answered
 */
export function probedTransition(
  state: IntegrationState,
  generation: number,
  good: number,
  nowMs: number,
  node: string,
): NewTransition | null {
  if (state.episode === null || state.generation !== generation || !isProbed(state, node)) return null;
  return {
    from: "disabled",
    to: "active",
    cause: { cause: "recovered", by: "probe" },
    at: nowMs,
    episode: state.episode,
    dryRun: false,
    suspended: false,
    rule: null,
    explanation:
      good === 1 ? "a test event was answered well" : `${counted(good, "test event")} in a row were answered well`,
    node,
  };
}
