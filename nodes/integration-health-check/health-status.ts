import type { NodeStatus } from "node-red";
import type { Transition } from "../lib/health/integration-ledger";
import type { Standing } from "../lib/health/standing";

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

/** An integration that the health check counts. */
export interface Counted {
  /** As a status may show it. */
  name: string;
  standing: Pick<Standing, "status" | "suspendedFor">;
}

/** Looks up the words for a key below `integration-health-check.standing`. */
export type Words = (key: string, values?: Record<string, string | number>) => string;

/**
 * How the integrations stand, in about 40 characters: `"all 12 active"`, `"Shop bot disabled · 1 of 12"`,
 * `"1 at risk · 2 disabled of 12"`.
 *
 * @param total how many there are; null where nobody can know, since messages bring integrations with them
 */
export function standingStatus(
  counted: readonly Counted[],
  total: number | null,
  mode: "disable" | "dry-run",
  words: Words,
): NodeStatus {
  const dryRun = mode === "dry-run";
  const disabled = counted.filter(({ standing }) => standing.status === "disabled");
  const atRisk = counted.filter(({ standing }) => standing.status === "at-risk");
  const text = inWords(disabled, atRisk, total, words);
  return {
    ...(disabled.length > 0 && !dryRun
      ? { fill: "red", shape: "ring" }
      : disabled.length + atRisk.length > 0
        ? { fill: "yellow", shape: "ring" }
        : { fill: "green", shape: "dot" }),
    text: dryRun ? words("dry-run", { text }) : text,
  };
}

function inWords(disabled: readonly Counted[], atRisk: readonly Counted[], total: number | null, words: Words): string {
  const notActive = [...atRisk, ...disabled];
  const [first] = notActive;
  if (first === undefined) return total === null || total === 0 ? words("none") : words("all", { count: total });
  const alone = notActive.length === 1;
  const parts = alone
    ? [words(`${first.standing.status}-one`, { integration: first.name })]
    : [
        ...(atRisk.length > 0 ? [words("at-risk", { count: atRisk.length })] : []),
        ...(disabled.length > 0 ? [words("disabled", { count: disabled.length })] : []),
      ];
  const text = parts.join(" · ");
  if (atRisk.some(({ standing }) => standing.suspendedFor.size > 0)) return words("suspended", { text });
  if (total === null || total === 1) return text;
  return words(alone ? "one-of" : "of", { text, count: total });
}
