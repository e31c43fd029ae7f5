import { episodeOnLeavingActive } from "./episode";
import type { IntegrationLedger, IntegrationState, NewTransition, Transition } from "./integration-ledger";

/**
 * What a person's command changes, or null if it is already so: only a disabled integration can be enabled. Needs no
 * warning before, and our own outage does not hold it back.
 *
 * @param by who it was, as audit and mails name them
 * @param node id of the node that was told, or null
 */
export function commandTransition(
  state: IntegrationState,
  command: "enable" | "disable",
  by: string,
  nowMs: number,
  node: string | null,
  newEpisodeId: () => string,
): NewTransition | null {
  const disabled = state.status === "disabled";
  if (disabled === (command === "disable")) return null;
  return {
    from: state.status,
    to: command === "enable" ? "active" : "disabled",
    cause: { cause: "person", by },
    at: nowMs,
    episode: state.episode ?? episodeOnLeavingActive(state.lastEpisode, nowMs, newEpisodeId),
    dryRun: false,
    suspended: false,
    rule: null,
    explanation: `${command}d by ${by}`,
    node,
  };
}

/** Writes what a person's command changes. Resolves with null if it was already so. */
export async function carryOut(
  ledger: Pick<IntegrationLedger, "state" | "transition">,
  integration: string,
  decide: (state: IntegrationState) => NewTransition | null,
): Promise<Transition | null> {
  for (;;) {
    const state = await ledger.state(integration);
    const transition = decide(state);
    if (transition === null) return null;
    const written = await ledger.transition(integration, state.revision, transition);
    // Null if someone else decided at the same moment.
    if (written !== null) return written;
  }
}
