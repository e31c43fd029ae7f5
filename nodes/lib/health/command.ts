import { episodeOnLeavingActive } from "./episode";
import type { IntegrationState, NewTransition } from "./integration-ledger";

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
