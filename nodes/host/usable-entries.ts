import type { Node } from "node-red";
import type { BoardEntry, StatusBoard } from "../lib/health/status-board";
import type { Integrations } from "./integrations";
import { visibleFrom } from "./scope";

/** How the integrations stand that a node can use: those deployed where it can see them, and those given in messages. */
export function usableEntries(
  node: Node,
  board: StatusBoard,
  integrations: Pick<Integrations, "get">,
): readonly BoardEntry[] {
  const isVisible = visibleFrom(node);
  return [...board.entries()].filter(({ integration }) => {
    const deployed = integrations.get(integration);
    return deployed === undefined || isVisible(deployed.z);
  });
}
