import { HOUR_MS } from "../time/utc-day";
import { type AttemptHistory, SPANS_HOURS, SPREAD_FAILURES, type SpreadClock } from "./attempt-history";

/**
 * Moves the clocks on for a failure at `at`, ms, not yet among `history.lastFailures`. Exact, though it remembers only the
 * last ten failures and the earliest one within each span: where ten failures lie within the span and the clock has not
 * started, all of them are less than half a span old, so the earliest only leaves the span after a silence of at least the
 * other half; then each of the ten is old enough.
 */
export function advanceClocks(history: AttemptHistory, at: number): void {
  if (history.clocks.length === 0) {
    for (const spanHours of SPANS_HOURS) history.clocks.push({ spanHours, earliest: at, startedAt: [] });
    return;
  }
  for (const clock of history.clocks) {
    if (clock.startedAt.length < SPREAD_FAILURES) advance(clock, history.lastFailures, at);
  }
}

function advance(clock: SpreadClock, lastFailures: readonly number[], at: number): void {
  const spanMs = clock.spanHours * HOUR_MS;
  let within = 1;
  let earliest = at;
  for (let index = lastFailures.length - 1; index >= 0; index--) {
    const failure = lastFailures[index];
    if (failure === undefined || at - failure > spanMs) break;
    earliest = failure;
    within++;
  }
  if (at - clock.earliest > spanMs) clock.earliest = earliest;
  if (at - clock.earliest < spanMs / 2) return;
  while (clock.startedAt.length < Math.min(within, SPREAD_FAILURES)) clock.startedAt.push(at);
}

/** When `attempts` failures were first spread out within `spanHours`, ms, or null. */
export function clockStart(history: AttemptHistory, spanHours: number, attempts: number): number | null {
  return history.clocks.find((clock) => clock.spanHours === spanHours)?.startedAt[attempts - 1] ?? null;
}
