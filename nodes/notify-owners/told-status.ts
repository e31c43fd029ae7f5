import type { NodeStatus } from "node-red";
import type { RecipientResult } from "../lib/notify/notification";

/** How the node's status shows a notification. */
export interface ToldStatus extends Pick<NodeStatus, "fill" | "shape"> {
  key: "nobody" | "message-only" | "refused" | "told";
  /** Owners, or mails that were refused. */
  count: number;
}

export function toldStatus(recipients: readonly RecipientResult[], byMail: boolean): ToldStatus {
  if (recipients.length === 0) return { key: "nobody", count: 0, fill: "yellow", shape: "ring" };
  if (!byMail) return { key: "message-only", count: recipients.length, fill: "green", shape: "ring" };
  const refused = recipients.filter(({ accepted }) => !accepted).length;
  return refused > 0
    ? { key: "refused", count: refused, fill: "yellow", shape: "ring" }
    : { key: "told", count: recipients.length, fill: "green", shape: "dot" };
}
