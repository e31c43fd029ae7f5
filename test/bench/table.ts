import type { Machine } from "./machine";
import { type Figure, isMet } from "./row";

/** The figures as a table in Markdown, with the machine above it. */
export function table(figures: readonly Figure[], machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const lines = figures.map((figure) =>
    [figure.what, goalOf(figure), shown(figure.value, figure), verdict(figure), figure.detail].join(" | "),
  );
  return [
    `${machine.system}, ${machine.processor}, ${machine.memoryGb} GiB; ${versions.join(", ")}`,
    "",
    "| what | goal | measured | | of which |",
    "|---|---|---|---|---|",
    ...lines.map((line) => `| ${line} |`),
  ].join("\n");
}

function shown(value: number, { unit }: Figure): string {
  if (unit === "bytes") return `${value.toLocaleString("en")} bytes`;
  if (unit === "MB") return `${value.toFixed(0)} MB`;
  return unit === "s" ? `${value.toFixed(2)} s` : value.toFixed(2);
}

function goalOf(figure: Figure): string {
  const { goal } = figure;
  if (goal === null) return "";
  if ("atLeast" in goal) return `≥ ${shown(goal.atLeast, figure)}`;
  return goal.atMost === 0 ? shown(0, figure) : `≤ ${shown(goal.atMost, figure)}`;
}

function verdict(figure: Figure): string {
  if (figure.goal === null) return "";
  return isMet(figure) ? "met" : "**missed**";
}
