import type { Random } from "../../time/clock";
import { SECOND_MS } from "../../time/utc-day";
import type { WaitingDelivery } from "./waiting-deliveries";

const EACH_MS = 100;
const ALL_MS = 30 * SECOND_MS;

/** Spreads the retries that fell due while the process was down: each over a tenth of a second, all over no more than 30 s. */
export function spreadOverdue(waiting: Iterable<WaitingDelivery>, now: number, random: Random): void {
  const overdue: WaitingDelivery[] = [];
  for (const item of waiting) if (item.attempts > 0 && item.dueAt <= now) overdue.push(item);
  const spreadMs = Math.min(overdue.length * EACH_MS, ALL_MS);
  for (const item of overdue) item.dueAt = now + random() * spreadMs;
}
