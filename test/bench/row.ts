import type { Workbench } from "./workbench";

/** What a figure should be; null for one that only informs. */
export type Goal = { atLeast: number } | { atMost: number } | null;

/** One line of the table. */
export interface Figure {
  what: string;
  value: number;
  /** Empty for a ratio. */
  unit: "" | "bytes" | "MB" | "s";
  goal: Goal;
  /** What stands behind the figure, e.g. the rates of which it is the ratio. */
  detail: string;
}

/** Something that can be measured by itself. */
export interface Row {
  /** As it is chosen on the command line. */
  name: string;
  measure(bench: Workbench): Promise<Figure[]>;
}

export function isMet({ value, goal }: Figure): boolean {
  if (goal === null) return true;
  return "atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost;
}
