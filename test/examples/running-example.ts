import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ParsedMail, simpleParser } from "mailparser";
import { EmbeddedRuntime, type FlowNode, type Message } from "../host/embedded-runtime";
import { probe } from "../host/flows";
import { importExample } from "./example-flows";

/** An example in a real runtime, as someone imports it; whatever leaves a port arrives at a probe as well. */
export class RunningExample {
  readonly #file: string;
  readonly #oldPort = process.env.PORT;
  readonly runtime: EmbeddedRuntime;
  #flows: readonly FlowNode[] = [];

  private constructor(file: string, runtime: EmbeddedRuntime) {
    this.#file = file;
    this.runtime = runtime;
  }

  static async start(file: string): Promise<RunningExample> {
    const runtime = await EmbeddedRuntime.start();
    // Where the example looks for itself, and so for its receiver.
    process.env.PORT = new URL(runtime.url).port;
    return new RunningExample(file, runtime);
  }

  /**
   * Imports the example anew: nothing is known of its integrations, and there are no mails.
   *
   * @param change what is to be other than in the file, e.g. waits
   */
  async import(change: (node: FlowNode) => void = () => undefined): Promise<void> {
    const { flows, credentials } = importExample(this.#file);
    for (const node of flows) change(node);
    const taps = flows.flatMap((node) => {
      const ports = (node.wires ?? []) as string[][];
      return ports.map((wires, port) => {
        const tap = probe(`${node.name || node.url || node.type}:${port}`, String(node.z));
        wires.push(tap.id);
        return tap;
      });
    });
    rmSync(this.#mailFolder, { recursive: true, force: true });
    this.runtime.forget();
    const names = new Set<string>();
    const distinct = taps.filter(({ id }) => !names.has(id) && names.add(id));
    await this.runtime.deploy([...flows, ...distinct], credentials);
    this.#flows = flows;
  }

  /** Presses the button of an inject node. */
  press(name: string): void {
    this.runtime.send(this.node(name).id, {});
  }

  node(name: string): FlowNode {
    const [node, ...others] = this.#flows.filter((each) => each.name === name);
    assert.ok(node && others.length === 0, `not one node called ${name}`);
    return node;
  }

  /** The next message that leaves a port of a node, which its name or URL names. */
  next(name: string, port = 0): Promise<Message> {
    return this.runtime.nextOne(`${name}:${port}`);
  }

  arrived(name: string, port = 0): Message[] {
    return this.runtime.arrived(`${name}:${port}`);
  }

  /** What the editor would show of an integration. */
  async state(integration: string): Promise<{ status: string; audit: string[] }> {
    const response = await fetch(
      `${this.runtime.url}/admin/comment-webhooks/integrations/${this.node(integration).id}`,
    );
    const view = (await response.json()) as { health: { status: string }; audit: { action: string; by: string }[] };
    return { status: view.health.status, audit: view.audit.map(({ action, by }) => `${action} by ${by}`) };
  }

  async mails(): Promise<ParsedMail[]> {
    if (!existsSync(this.#mailFolder)) return [];
    const files = readdirSync(this.#mailFolder).filter((name) => name.endsWith(".eml"));
    return Promise.all(files.map((name) => simpleParser(readFileSync(join(this.#mailFolder, name)))));
  }

  get #mailFolder(): string {
    return join(this.runtime.userDir, "owner-mail");
  }

  async stop(): Promise<void> {
    if (this.#oldPort === undefined) delete process.env.PORT;
    else process.env.PORT = this.#oldPort;
    await this.runtime.stop();
  }
}
