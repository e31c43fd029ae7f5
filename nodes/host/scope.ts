import type { Node } from "node-red";

/** What of the runtime's flow objects tells where a node lives: a tab, a subflow instance, or the global flow. */
interface Surrounding {
  id?: unknown;
  parent?: unknown;
}

function isSurrounding(value: unknown): value is Surrounding {
  return typeof value === "object" && value !== null;
}

/**
 * Tells which config nodes a node can use, as the editor offers them: global ones (no `z`), those of its own flow, and
 * inside a subflow those of the instance, of the flow that holds it, and so on outwards.
 */
export function visibleFrom(node: Node): (z: string) => boolean {
  const flows = new Set<unknown>(["", node.z]);
  let flow: unknown = node._flow;
  while (isSurrounding(flow)) {
    if (flow.id !== undefined) flows.add(flow.id);
    flow = flow.parent;
  }
  return (z) => flows.has(z);
}
