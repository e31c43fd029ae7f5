import type { HealthStatus, IntegrationState, Transition } from "./integration-ledger";
import { takesEffect } from "./integration-state";

/** Where an integration stands as seen by a health check. */
export interface Standing {
  status: HealthStatus;
  /** Null while active. */
  episode: string | null;
  lastEpisode: IntegrationState["lastEpisode"];
  /** When it came to be at risk this time, ms; null unless it did. */
  atRiskSince: number | null;
  /** Rules because of which disabling was held back since it came to stand so. */
  suspendedFor: ReadonlySet<string | null>;
}

/** Where an integration stands in truth. */
export function realStanding(state: IntegrationState): Standing {
  const { status, episode, lastEpisode, atRiskSince } = state;
  return { status, episode, lastEpisode, atRiskSince, suspendedFor: suspendedSince(state.transitions, false) };
}

/**
 * Where an integration would stand had the transitions of dry runs taken effect since the last change that did. They are
 * remembered among the transitions, so that a dry run says a thing once, whatever restarts.
 */
export function dryStanding(state: IntegrationState): Standing {
  const real = realStanding(state);
  const suspendedFor = suspendedSince(state.transitions, true);
  const last = state.transitions.findLast((transition) => !transition.suspended);
  if (last === undefined || takesEffect(last)) return { ...real, suspendedFor };
  const active = last.to === "active";
  return {
    status: last.to,
    episode: active ? null : last.episode,
    lastEpisode: active ? { episode: last.episode, endedAt: last.at } : real.lastEpisode,
    atRiskSince: last.to === "at-risk" ? last.at : null,
    suspendedFor,
  };
}

function suspendedSince(transitions: readonly Transition[], dryRun: boolean): Set<string | null> {
  const rules = new Set<string | null>();
  for (const transition of transitions.toReversed()) {
    if (transition.dryRun && !dryRun) continue;
    if (!transition.suspended) break;
    if (transition.dryRun === dryRun) rules.add(transition.rule);
  }
  return rules;
}
