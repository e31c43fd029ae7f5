import type { NodeStatus } from "node-red";
import type { Transition } from "../lib/health/integration-ledger";

/** How the node's status shows a change. */
export interface ChangeStatus extends Pick<NodeStatus, "fill" | "shape"> {
  key: "suspended" | "would-disable" | "would-warn" | "would-clear" | "at-risk" | "disabled" | "active";
}

export function changeStatus({ to, dryRun, suspended }: Transition): ChangeStatus {
  if (suspended) return { key: "suspended", fill: "yellow", shape: "dot" };
  switch (to) {
    case "at-risk":
      return { key: dryRun ? "would-warn" : "at-risk", fill: "yellow", shape: "ring" };
    case "disabled":
      return { key: dryRun ? "would-disable" : "disabled", fill: dryRun ? "yellow" : "red", shape: "ring" };
    case "active":
      return { key: dryRun ? "would-clear" : "active", fill: "green", shape: "dot" };
  }
}
