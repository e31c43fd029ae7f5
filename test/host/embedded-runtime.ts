import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import RED from "node-red";

const ROOT = resolve(__dirname, "..", "..");
const TYPES = [
  "webhook-store",
  "webhook-integration",
  "owner-mailer",
  "comment-webhook-build",
  "webhook-send",
  "error-tracker",
  "integration-health-check",
  "notify-owners",
];

const PLUGIN = "webhooks-sidebar";

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export interface ShownStatus {
  fill?: string;
  shape?: string;
  text?: string;
}

/** A message as a probe node got it. */
export type Message = Record<string, unknown>;

/** By node id. */
export type Credentials = Record<string, Record<string, string>>;

type Deployment = "full" | "flows" | "nodes";

/**
 * A whole Node-RED runtime in this process, with our nodes read from their sources and the real catalogues. What leaves a
 * flow arrives at nodes of the type `test-probe`; `send` gives a message to any node.
 */
export class EmbeddedRuntime {
  readonly userDir: string;
  readonly statuses = new Map<string, ShownStatus>();
  readonly log: string[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #messages = new Map<string, Message[]>();
  readonly #server = http.createServer();
  #credentials: Credentials = {};

  private constructor(userDir: string) {
    this.userDir = userDir;
  }

  /** @param userDir of a runtime that was left standing; else a new one */
  static async start(settings: Record<string, unknown> = {}, userDir?: string): Promise<EmbeddedRuntime> {
    const runtime = new EmbeddedRuntime(userDir ?? mkdtempSync(join(tmpdir(), "cw-runtime-")));
    await runtime.#start(settings);
    return runtime;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  readonly #statusShown = ({ id, status }: { id: string; status?: ShownStatus }) => {
    if (status !== undefined) this.statuses.set(id, status);
    this.#arrivals.emit("status");
  };

  /** Deploys flows and waits until all run. */
  async deploy(
    flows: readonly FlowNode[],
    credentials: Credentials = {},
    deploymentType: Deployment = "full",
  ): Promise<void> {
    const started = once(RED.events, "flows:started");
    const nodes = flows.map((node) => {
      // The runtime keeps credentials that a deploy does not mention; here each deploy stands for itself.
      const cleared = Object.fromEntries(Object.keys(this.#credentials[node.id] ?? {}).map((name) => [name, ""]));
      const own = { ...cleared, ...credentials[node.id] };
      // The runtime complains of credentials, even of none, in a node whose type has no such thing.
      return { ...structuredClone(node), ...(Object.keys(own).length > 0 && { credentials: own }) };
    });
    this.#credentials = { ...this.#credentials, ...credentials };
    const deployed: object = { flows: { flows: nodes }, deploymentType };
    await RED.runtime.flows.setFlows(deployed as Parameters<typeof RED.runtime.flows.setFlows>[0]);
    await started;
  }

  /** Gives a message to a node, as if it had come over a wire. */
  send(nodeId: string, message: Message): void {
    const { getNode } = RED.nodes as unknown as { getNode(id: string): { receive(message: Message): void } | null };
    const node = getNode(nodeId);
    assert.ok(node, `no node ${nodeId}`);
    node.receive(message);
  }

  /** What arrived at a probe so far. */
  arrived(probe: string): Message[] {
    return this.#messages.get(probe) ?? [];
  }

  /** The next `count` messages of a probe, counted from the last call; waits for them. */
  async next(probe: string, count = 1): Promise<Message[]> {
    for (;;) {
      const messages = this.arrived(probe);
      if (messages.length >= count) return messages.splice(0, count);
      await once(this.#arrivals, probe);
    }
  }

  async nextOne(probe: string): Promise<Message> {
    const [message] = await this.next(probe);
    assert.ok(message);
    return message;
  }

  /** Waits until a node shows a status that fits. */
  async status(nodeId: string, fits: (status: ShownStatus) => boolean): Promise<ShownStatus> {
    for (;;) {
      const status = this.statuses.get(nodeId);
      if (status !== undefined && fits(status)) return status;
      await once(this.#arrivals, "status");
    }
  }

  forget(): void {
    this.#messages.clear();
    this.statuses.clear();
    this.log.length = 0;
  }

  /** Stops as a signal does, and leaves the user directory for the next start. */
  async leave(): Promise<void> {
    await RED.stop();
    RED.events.off("node-status", this.#statusShown);
    // What serves connected editors listens anew at each start, and never stops.
    for (const name of RED.events.eventNames()) {
      if (String(name).startsWith("comms:")) RED.events.removeAllListeners(name);
    }
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async stop(): Promise<void> {
    await this.leave();
    rmSync(this.userDir, { recursive: true, force: true });
  }

  async #start(settings: Record<string, unknown>): Promise<void> {
    this.#installNodes();
    const log = () => (line: { level: number; msg?: unknown }) => {
      if (line.level <= 40) this.log.push(String(line.msg));
    };
    RED.init(this.#server, {
      userDir: this.userDir,
      flowFile: "flows.json",
      credentialSecret: "the same at each start",
      httpAdminRoot: "/admin",
      disableEditor: true,
      httpNodeRoot: "/",
      telemetry: { enabled: false },
      logging: { probe: { level: "trace", metrics: false, audit: false, handler: log } },
      functionGlobalContext: {},
      ...settings,
    } as never);
    RED.events.on("node-status", this.#statusShown);
    Reflect.set(globalThis, "testProbe", (id: string, message: Message) => {
      const messages = this.#messages.get(id) ?? [];
      messages.push(message);
      this.#messages.set(id, messages);
      this.#arrivals.emit(id);
    });
    const started = once(RED.events, "flows:started");
    await RED.start();
    this.#server.on("request", (request, response) => {
      const isAdmin = request.url?.startsWith("/admin/") === true;
      if (isAdmin) request.url = request.url?.slice("/admin".length);
      (isAdmin ? RED.httpAdmin : RED.httpNode)(request, response);
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    await started;
  }

  /** A package whose nodes are our sources: tsx reads them, Node-RED finds scripts beside dialogs and catalogues. */
  #installNodes(): void {
    const folder = join(this.userDir, "node_modules", "@comment-webhooks", "node-red");
    const nodes: Record<string, string> = {};
    for (const type of TYPES) {
      const own = join(folder, type);
      mkdirSync(own, { recursive: true });
      const source = join(ROOT, "nodes", type);
      for (const name of readdirSync(source)) {
        if (name === "locales" && !existsSync(join(own, name))) symlinkSync(join(source, name), join(own, name));
        else if (name.endsWith(".html")) cpSync(join(source, name), join(own, name));
      }
      writeFileSync(
        join(own, `${type}.js`),
        `module.exports = require(${JSON.stringify(join(source, `${type}.ts`))});`,
      );
      nodes[type] = `${type}/${type}.js`;
    }
    writeFileSync(
      join(folder, "test-probe.js"),
      `module.exports = (RED) => RED.nodes.registerType("test-probe", function (config) {
        RED.nodes.createNode(this, config);
        this.on("input", (msg, send, done) => { globalThis.testProbe(this.id, msg); send(msg); done(); });
      });`,
    );
    writeFileSync(
      join(folder, "test-probe.html"),
      '<script type="text/html" data-template-name="test-probe"></script><script>RED.nodes.registerType("test-probe", {})</script>',
    );
    nodes["test-probe"] = "test-probe.js";
    writeFileSync(
      join(folder, `${PLUGIN}.js`),
      `module.exports = require(${JSON.stringify(join(ROOT, "nodes", PLUGIN, `${PLUGIN}.ts`))});`,
    );
    const plugins = { [PLUGIN]: `${PLUGIN}.js` };
    const manifest = { name: "@comment-webhooks/node-red", version: "0.0.0", "node-red": { nodes, plugins } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    writeFileSync(
      join(this.userDir, "package.json"),
      JSON.stringify({ name: "test", version: "0.0.0", dependencies: { "@comment-webhooks/node-red": "0.0.0" } }),
    );
  }
}
