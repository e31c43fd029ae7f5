import { DAY_MS } from "../time/utc-day";
import type { IntegrationState } from "./integration-ledger";

/** How long after its end an episode is taken up again. */
const EPISODE_REOPENS_MS = DAY_MS;

/** The episode of an integration that leaves active: the last one if that ended at most 24 hours ago, else a new one. */
export function episodeOnLeavingActive(
  lastEpisode: IntegrationState["lastEpisode"],
  nowMs: number,
  newEpisodeId: () => string,
): string {
  if (lastEpisode !== null && nowMs - lastEpisode.endedAt <= EPISODE_REOPENS_MS) return lastEpisode.episode;
  return newEpisodeId();
}
