/** A sender's process: a whole Node-RED runtime with our compiled nodes, told from outside what to do. */
import { once } from "node:events";
import { createServer } from "node:http";
import RED from "node-red";
import { BarePool } from "./bare-pool";
import { BenchNodes } from "./bench-nodes";
import type { Lap } from "./closed-loop";
import { newComment } from "./comment";
import { CORE, type FlowNode } from "./flows";
import { newSignedRequest } from "./signed-request";

export interface SenderOptions {
  userDir: string;
  /** What is deployed; null to start with what was deployed in the same directory before. */
  flows: FlowNode[] | null;
  /** For the bare peer. */
  receiverOrigin: string;
  inFlight: number;
}

export type Order =
  | { order: "start"; options: SenderOptions }
  | { order: "feed"; feeder: string; count: number; inFlight: number; projects: string[] }
  | { order: "bare"; path: string; count: number; inFlight: number }
  | { order: "collect garbage" }
  | { order: "tell usage" }
  | { order: "stop" };

export type Reply = { lap: Lap } | { usage: Usage } | { done: true } | { failed: string };

export interface Usage {
  /** Time of a core that the process has used so far. */
  cpuMs: number;
  residentBytes: number;
  /** Of which what JavaScript's objects take. */
  heapBytes: number;
}

const LONGEST_DEPLOY_MS = 60_000;

const nodes = new BenchNodes();
let bare: BarePool | undefined;
// The script that Node-RED loads from the user directory finds it here.
Reflect.set(globalThis, "benchNodes", nodes);

async function start({ userDir, flows, receiverOrigin, inFlight }: SenderOptions): Promise<void> {
  bare = new BarePool(receiverOrigin, inFlight);
  const started = once(RED.events, "flows:started");
  RED.init(createServer(), {
    userDir,
    flowFile: "flows.json",
    credentialSecret: "benchmark",
    httpAdminRoot: false,
    httpNodeRoot: false,
    telemetry: { enabled: false },
    logging: { console: { level: "error", metrics: false, audit: false } },
  } as never);
  await RED.start();
  await started;
  if (flows === null) return;
  // The runtime only logs why flows do not start.
  const deployed = once(RED.events, "flows:started", { signal: AbortSignal.timeout(LONGEST_DEPLOY_MS) });
  await Promise.all([deployed, RED.runtime.flows.setFlows({ flows: { flows } } as never)]);
}

async function obey(order: Order): Promise<Reply> {
  switch (order.order) {
    case "start":
      await start(order.options);
      return { done: true };
    case "feed": {
      const { feeder, count, inFlight, projects } = order;
      let turn = 0;
      const message = () => {
        if (feeder !== CORE) return { payload: newComment(projects[turn++ % projects.length] ?? "") };
        const { headers, body } = newSignedRequest();
        return { headers, payload: body };
      };
      return { lap: await nodes.feed(feeder, count, inFlight, message as never) };
    }
    case "bare":
      if (bare === undefined) throw new Error("it was not started");
      return { lap: await bare.send(order.path, order.count, order.inFlight) };
    case "collect garbage":
      global.gc?.();
      return { done: true };
    case "tell usage": {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      return { usage: { cpuMs: (user + system) / 1_000, residentBytes: rss, heapBytes: heapUsed } };
    }
    case "stop":
      await RED.stop();
      await bare?.close();
      return { done: true };
  }
}

function reply(message: Reply): void {
  process.send?.(message);
}

process.on("message", (order: Order) => {
  obey(order).then(reply, (error: unknown) => reply({ failed: String(error) }));
});
process.on("disconnect", () => process.exit());
