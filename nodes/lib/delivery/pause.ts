import { HOUR_MS, MINUTE_MS } from "../time/utc-day";

/** A lane's memory of failures in a row. Plain data: it is kept with the integration's state. */
export interface PauseState {
  /** Failed attempts in a row. */
  failures: number;
  /** Until when nothing is tried, ms; null when the lane is open. Once it has passed, one delivery is tried. */
  until: number | null;
  /** Length of the last pause, ms; 0 when the lane is open. */
  lengthMs: number;
}

export const OPEN: Readonly<PauseState> = { failures: 0, until: null, lengthMs: 0 };

const FAILURES_BEFORE_PAUSE = 5;
const FIRST_PAUSE_MS = MINUTE_MS;
const LONGEST_PAUSE_MS = HOUR_MS;

/**
 * What a counted attempt makes of a lane: after 5 failures in a row it pauses for a minute, then for twice as long each
 * time the one delivery that is tried fails again, up to an hour. Any success opens it. Attempts that were already under
 * way when the pause began do not lengthen it.
 */
export function afterAttempt(state: PauseState, succeeded: boolean, at: number): PauseState {
  if (succeeded) return OPEN;
  const failures = state.failures + 1;
  if (failures < FAILURES_BEFORE_PAUSE || (state.until !== null && at < state.until)) return { ...state, failures };
  const lengthMs = Math.min(Math.max(state.lengthMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
  return { failures, until: at + lengthMs, lengthMs };
}
