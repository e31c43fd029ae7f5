import type { Attempt } from "../delivery/attempt";
import { DAY_MS } from "../time/utc-day";
import type { FailureGroup } from "./integration-ledger";

/** A receiver may answer with ever new status codes: beyond so many groups the one not seen for longest goes. */
const GROUPS_KEPT = 50;

/** A failure after so long a silence of its group is news again. */
const SILENCE_MS = DAY_MS;

/**
 * Puts a failed attempt into its group; changes `groups`. Attempts that failed for a local reason are grouped as well,
 * so that someone can find out why; successes are not. The attempt that makes a group, or meets it again 24 hours or more
 * after it was last seen, becomes its `openedBy`: that is how one sees that the failure is news.
 *
 * @param at when it is recorded, ms
 */
export function groupFailure(groups: FailureGroup[], attempt: Attempt, at: number): void {
  if (attempt.reason === null) return;
  const group = groupOf(groups, attempt);
  if (group !== undefined) {
    if (at - group.lastSeen >= SILENCE_MS) group.openedBy = attempt.attemptId;
    group.lastSeen = at;
    group.count++;
    group.lastExample = attempt;
    return;
  }
  if (groups.length >= GROUPS_KEPT) groups.splice(longestUnseen(groups), 1);
  groups.push({
    outcome: attempt.outcome,
    reason: attempt.reason,
    firstSeen: at,
    lastSeen: at,
    count: 1,
    openedBy: attempt.attemptId,
    lastExample: attempt,
  });
}

/** The group that an attempt belongs to. */
export function groupOf(
  groups: readonly FailureGroup[],
  attempt: Pick<Attempt, "outcome" | "reason">,
): FailureGroup | undefined {
  return groups.find((group) => group.outcome === attempt.outcome && group.reason === attempt.reason);
}

/** The last failed attempt that was the receiver's doing, or null. */
export function lastFailure(groups: readonly FailureGroup[]): Attempt | null {
  let last: FailureGroup | undefined;
  for (const group of groups) {
    if (group.outcome !== null && (last === undefined || group.lastSeen >= last.lastSeen)) last = group;
  }
  return last?.lastExample ?? null;
}

function longestUnseen(groups: readonly FailureGroup[]): number {
  let oldest = 0;
  groups.forEach((group, index) => {
    if (group.lastSeen < (groups[oldest]?.lastSeen ?? group.lastSeen)) oldest = index;
  });
  return oldest;
}
