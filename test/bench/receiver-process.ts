import { type ChildProcess, fork } from "node:child_process";
import { on } from "node:events";
import { join } from "node:path";
import type { FromReceiver, Received } from "./receiver";

/** The receiver, in a process of its own as receivers are. */
export class ReceiverProcess {
  readonly #child: ChildProcess;
  readonly #first = new Set<string>();
  #port = 0;

  private constructor() {
    this.#child = fork(join(__dirname, "receiver.ts"), { execArgv: ["--import=tsx"] });
    this.#child.on("message", (message: FromReceiver) => {
      if ("first" in message) this.#first.add(message.first);
    });
  }

  static async start(): Promise<ReceiverProcess> {
    const receiver = new ReceiverProcess();
    const { port } = await receiver.#next((message) => "port" in message);
    receiver.#port = port;
    return receiver;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** Resolves when something has come to a path since `received` was last asked for. */
  async firstAt(path: string): Promise<void> {
    if (this.#first.has(path)) return;
    await this.#next((message): message is { first: string } => "first" in message && message.first === path);
  }

  /** What came since this was last asked for, by path. */
  async received(): Promise<Record<string, Received>> {
    const told = this.#next((message) => "received" in message);
    this.#child.send("received");
    this.#first.clear();
    return (await told).received;
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #next<Message extends FromReceiver>(fits: (message: FromReceiver) => message is Message): Promise<Message> {
    for await (const [message] of on(this.#child, "message")) {
      if (fits(message)) return message;
    }
    throw new Error("the receiver has gone");
  }
}
