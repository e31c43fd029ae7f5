import type { Random } from "../time/clock";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time/utc-day";

/** How long a mail that could not be sent is tried again, from when it was first due. */
export const GIVE_UP_AFTER_MS = DAY_MS;

/** The wait before the next try: 1 min, doubling up to an hour, ±20 %. @param tries tries so far, at least 1 */
export function retryWaitMs(tries: number, random: Random): number {
  const wait = Math.min(MINUTE_MS * 2 ** Math.min(tries - 1, 10), HOUR_MS);
  return Math.round(wait * (0.8 + 0.4 * random()));
}
