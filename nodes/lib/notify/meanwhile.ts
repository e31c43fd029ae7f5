import { counted } from "../health/failure-words";
import type { HealthStatus } from "../health/integration-ledger";

/** What becomes of an integration's webhooks while it is disabled. */
export type Meanwhile =
  | { webhooks: "dropped" }
  /** Each at most so many days, and at most so many; `waiting` was how many waited when the change was told. */
  | { webhooks: "held"; days: number; limit: number; waiting: number };

/**
 * What owners should know of the webhooks made while their integration is disabled, in sentences; empty where there is
 * nothing to say.
 *
 * @param enabledAgain whether it was disabled until now
 */
export function meanwhileInWords(meanwhile: Meanwhile, status: HealthStatus, enabledAgain: boolean): string {
  if (status === "disabled") return meanwhile.webhooks === "dropped" ? DROPPED : holding(meanwhile);
  if (!enabledAgain) return "";
  if (meanwhile.webhooks === "dropped") return "Those made while it was switched off were dropped.";
  if (meanwhile.waiting === 0) return "";
  return `${counted(meanwhile.waiting, "webhook")} held meanwhile ${meanwhile.waiting === 1 ? "goes" : "go"} out now, oldest first and a few at a time.`;
}

const DROPPED = "New ones are dropped, not held: they are not sent when it is switched on again.";

function holding({ days, limit, waiting }: Meanwhile & { webhooks: "held" }): string {
  const already = waiting === 0 ? "" : `${counted(waiting, "webhook")} ${waiting === 1 ? "is" : "are"} held already. `;
  return (
    `${already}New ones are held for ${counted(days, "day")}, at most ${counted(limit, "webhook")}; beyond that the ` +
    "oldest are given up. When it is switched on again, what is held is sent, oldest first and a few at a time."
  );
}
