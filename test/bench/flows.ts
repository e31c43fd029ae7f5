import { SECRET } from "./signed-request";

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** An integration as a row wants it; it is told of the comments of one project. */
export interface BenchIntegration {
  id: string;
  url: string;
  project: string;
  concurrency: number;
  retries?: "standard" | "sentry";
  timeout?: number;
}

/** Feeds whole deliveries: a message has arrived when the outcome has left the last of the five nodes. */
export const PIPELINE = "pipeline";
/** Feeds what is only to be accepted: a message has arrived when webhook-send called `done()`. */
export const ACCEPTING = "accepting";
/** Feeds the core `http request` node. */
export const CORE = "core";

function integrationNode(integration: BenchIntegration): FlowNode {
  const { id, url, project, concurrency, retries = "standard", timeout = 15_000 } = integration;
  return {
    // A property that is also a node's id, `projects` too, would be taken for a need of that node.
    ...{ id, type: "webhook-integration", version: 1, z: "", name: `To ${id}`, url, projects: [project] },
    ...{ concurrency, retries, timeout, allowPrivate: true, scheme: "standard", credentials: { secret: SECRET } },
  };
}

/** The five nodes with a feeder before and a sink behind them, and a second pair of the first two for accepting only. */
export function pipelineFlow(integrations: readonly BenchIntegration[]): FlowNode[] {
  const z = "flow";
  return [
    { id: z, type: "tab", label: "Benchmark" },
    ...integrations.map(integrationNode),
    { id: PIPELINE, type: "bench-feeder", z, wires: [["build"]] },
    { id: "build", type: "comment-webhook-build", z, target: "subscribed", source: "comment", wires: [["send"]] },
    { id: "send", type: "webhook-send", z, wires: [["track"], ["track"], ["track"]] },
    { id: "track", type: "error-tracker", z, wires: [["health"], []] },
    {
      ...{ id: "health", type: "integration-health-check", z },
      wires: [["sink"], ["notify", "sink"], ["notify", "sink"], ["notify", "sink"]],
    },
    { id: "notify", type: "notify-owners", z, wires: [[]] },
    { id: "sink", type: "bench-sink", z, feeder: PIPELINE, wires: [] },
    { id: ACCEPTING, type: "bench-feeder", z, wires: [["accept-build"]] },
    { id: "accept-build", type: "comment-webhook-build", z, source: "comment", wires: [["accept-send"]] },
    { id: "accept-send", type: "webhook-send", z, wires: [[], [], []] },
    { id: "accepted", type: "complete", z, scope: ["accept-send"], uncaught: false, wires: [["accept-sink"]] },
    { id: "accept-sink", type: "bench-sink", z, feeder: ACCEPTING, wires: [] },
  ];
}

/** The core node, keeping connections, as a flow would send webhooks without ours. */
export function coreFlow(url: string): FlowNode[] {
  const z = "flow";
  return [
    { id: z, type: "tab", label: "Benchmark" },
    { id: CORE, type: "bench-feeder", z, wires: [["request"]] },
    { id: "request", type: "http request", z, method: "POST", ret: "txt", url, persist: true, wires: [["sink"]] },
    { id: "sink", type: "bench-sink", z, feeder: CORE, wires: [] },
  ];
}
