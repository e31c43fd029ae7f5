import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ParsedMail, simpleParser } from "mailparser";
import RED, { type Node, type NodeAPI } from "node-red";
import { hostOf } from "../../nodes/host/host";
import type { Pipeline } from "../../nodes/host/pipeline";
import type { LaneReport } from "../../nodes/lib/delivery/outbox";
import type { IntegrationState } from "../../nodes/lib/health/integration-ledger";
import type { Notification } from "../../nodes/lib/notify/notification";
import { EmbeddedRuntime, type FlowNode, type Message } from "../host/embedded-runtime";
import { probe } from "../host/flows";
import { importExample } from "./example-flows";
import { RecordingRelay } from "./recording-relay";

const FILE = "01 - Comment webhook pipeline.json";

interface Changes {
  /** Properties of the integrations, instead of the example's own. */
  integrations?: Record<string, unknown>;
  /** Properties of the example's mailer, instead of its own. */
  mailer?: Record<string, unknown>;
  mailerCredentials?: Record<string, string>;
  /** Added to the example. */
  nodes?: readonly FlowNode[];
  /** Of nodes that were added, by id. */
  credentials?: Readonly<Record<string, Record<string, string>>>;
}

export type Scheme = "standard" | "sentry";
const SCHEMES: readonly Scheme[] = ["standard", "sentry"];

/**
 * The pipeline example in a real runtime, as someone imports it: the webhooks pass a relay on their way to the receiver in
 * the flow, and whatever leaves a port arrives at a probe as well.
 */
export class RunningPipeline {
  readonly #oldPort = process.env.PORT;
  readonly runtime: EmbeddedRuntime;
  readonly relay: RecordingRelay;
  #flows: readonly FlowNode[] = [];

  private constructor(runtime: EmbeddedRuntime, relay: RecordingRelay) {
    this.runtime = runtime;
    this.relay = relay;
  }

  static async start(): Promise<RunningPipeline> {
    const runtime = await EmbeddedRuntime.start();
    const pipeline = new RunningPipeline(runtime, await RecordingRelay.to(runtime.url));
    // Where the example looks for itself, and so for its receiver.
    process.env.PORT = new URL(pipeline.relay.url).port;
    return pipeline;
  }

  /** Imports the example anew: nothing is known of its integrations, and there are no mails. */
  async import({
    integrations,
    mailer,
    mailerCredentials,
    nodes = [],
    credentials: more,
  }: Changes = {}): Promise<void> {
    const { flows, credentials } = importExample(FILE);
    const taps = flows
      .filter(({ type }) =>
        ["webhook-send", "error-tracker", "integration-health-check", "notify-owners"].includes(type),
      )
      .flatMap((node) =>
        (node.wires as string[][]).map((wires, port) => {
          const tap = probe(`${node.type}:${port}`, String(node.z));
          wires.push(tap.id);
          return tap;
        }),
      );
    for (const node of flows) {
      if (node.type === "webhook-integration") Object.assign(node, integrations);
      if (node.type !== "owner-mailer") continue;
      Object.assign(node, mailer);
      if (mailerCredentials) credentials[node.id] = mailerCredentials;
    }
    rmSync(this.mailFolder, { recursive: true, force: true });
    this.runtime.forget();
    this.relay.requests.length = 0;
    await this.runtime.deploy([...flows, ...taps, ...nodes], { ...credentials, ...more });
    this.#flows = flows;
  }

  /** Presses the button of an inject node. */
  press(name: string): void {
    const button = this.#flows.find((node) => node.type === "inject" && node.name === name);
    assert.ok(button, `no button ${name}`);
    this.runtime.send(button.id, {});
  }

  /** Posts a comment to the example, as an app does. */
  async post(payload: unknown, headers: Record<string, string> = {}): Promise<{ status: number; answer: unknown }> {
    const response = await fetch(`${this.runtime.url}/comments`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof payload === "string" ? payload : JSON.stringify(payload),
    });
    return { status: response.status, answer: await response.json() };
  }

  async accepted(payload: unknown, headers: Record<string, string> = {}): Promise<void> {
    assert.deepEqual(await this.post(payload, headers), { status: 202, answer: { accepted: true } });
  }

  /** What leaves a port of a node. */
  next(type: string, port: number, count: number): Promise<Message[]> {
    return this.runtime.next(`${type}:${port}`, count);
  }

  arrived(type: string, port: number): Message[] {
    return this.runtime.arrived(`${type}:${port}`);
  }

  /** Id of the only node of a type; of the integration with that scheme. */
  idOf(type: string, scheme?: Scheme): string {
    const [node, ...others] = this.#flows.filter(
      (each) => each.type === type && (scheme === undefined || each.scheme === scheme),
    );
    assert.ok(node && others.length === 0, `not one ${type}`);
    return node.id;
  }

  /** The secret that the tab made for an integration. */
  secretOf(scheme: Scheme): string {
    const { getNode } = RED.nodes as unknown as { getNode(id: string): Node<{ secret: string }> };
    return getNode(this.idOf("webhook-integration", scheme)).credentials.secret;
  }

  /** What is known of both integrations. */
  states(): Promise<IntegrationState[]> {
    return Promise.all(this.#integrations.map((id) => this.#opened.store.state(id)));
  }

  /** The lanes of both integrations, as far as something waits in them. */
  lanes(): LaneReport[] {
    return this.#opened.store.lanes().filter(({ integration }) => this.#integrations.includes(integration));
  }

  /** Waits until no attempt is under way. */
  async idle(): Promise<void> {
    let end = () => {};
    await new Promise<void>((resolve) => {
      end = this.#opened.engine.onLanes((lanes) => {
        if (lanes.every(({ inFlight }) => inFlight === 0)) resolve();
      });
    });
    end();
  }

  /** Waits until so many owners were told, each of each integration. */
  async owners(count: number): Promise<void> {
    for (let mails = 0; mails < count; ) {
      const { notification } = await this.runtime.nextOne("notify-owners:0");
      const { items, recipients } = notification as Notification;
      assert.ok(recipients.every(({ accepted }) => accepted));
      mails += items.length * recipients.length;
    }
  }

  get #integrations(): string[] {
    return SCHEMES.map((scheme) => this.idOf("webhook-integration", scheme));
  }

  get #opened(): Pipeline {
    const [pipeline] = hostOf(RED as unknown as NodeAPI).pipelines.opened();
    assert.ok(pipeline, "no store is open");
    return pipeline;
  }

  get mailFolder(): string {
    return join(this.runtime.userDir, "owner-mail");
  }

  /** The mails in the folder. */
  async mails(): Promise<ParsedMail[]> {
    if (!existsSync(this.mailFolder)) return [];
    const files = readdirSync(this.mailFolder).filter((name) => name.endsWith(".eml"));
    return Promise.all(files.map((name) => simpleParser(readFileSync(join(this.mailFolder, name)))));
  }

  async stop(): Promise<void> {
    if (this.#oldPort === undefined) delete process.env.PORT;
    else process.env.PORT = this.#oldPort;
    await this.runtime.stop();
    await this.relay.close();
  }
}
