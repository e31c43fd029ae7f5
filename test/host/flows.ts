import type { FlowNode } from "./embedded-runtime";

export const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;

/** A comment in the plain form. */
export function comment(id: string | number = 1, properties: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    action: "created",
    comment: { id, text: "Does this still happen?" },
    issue: { id: 7 },
    project: { slug: "shop" },
    actor: { type: "user", id: 3, name: "Ada" },
    timestamp: "2026-11-23T10:00:00Z",
    ...properties,
  };
}

/** A node on the canvas of a tab or subflow. `wires` lists, per port, the nodes that it leads to. */
export function node(
  id: string,
  type: string,
  z: string,
  wires: string[][] = [],
  properties: Record<string, unknown> = {},
): FlowNode {
  return { id, type, z, x: 100, y: 100, wires, ...properties };
}

export function tab(id = "tab", properties: Record<string, unknown> = {}): FlowNode {
  return { id, type: "tab", label: id, ...properties };
}

/** A config node; global without `z`. */
export function integration(id: string, url: string, properties: Record<string, unknown> = {}): FlowNode {
  return { id, type: "webhook-integration", name: `The ${id}`, url, allowPrivate: true, ...properties };
}

export function probe(id: string, z = "tab"): FlowNode {
  return node(id, "test-probe", z);
}

/** Where everything that a Catch node, or a Complete node, hears arrives. */
export function caught(z = "tab"): FlowNode[] {
  return [node("catch", "catch", z, [["caught"]], { scope: null, uncaught: false }), probe("caught", z)];
}

/** The text of the error in a message from a Catch node. */
export function errorIn(message: Record<string, unknown>): string {
  const { error } = message as { error?: { message?: unknown } };
  return String(error?.message);
}
