import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Lap } from "./closed-loop";
import type { Order, Reply, SenderOptions, Usage } from "./sender";

/** A sender's process is quiet when it used less than this share of a core, for so long. */
const QUIET_SHARE = 0.03;
const QUIET_MS = 1_000;

export class SenderProcess {
  readonly #child: ChildProcess;

  /** @param nodeOptions for Node itself, e.g. to profile */
  constructor(nodeOptions: readonly string[] = []) {
    const execArgv = ["--import=tsx", "--expose-gc", ...nodeOptions];
    this.#child = fork(join(__dirname, "sender.ts"), { execArgv });
  }

  /** Resolves when the flows run. */
  async start(options: SenderOptions): Promise<void> {
    await this.#ask({ order: "start", options });
  }

  async feed(feeder: string, count: number, inFlight: number, projects: string[]): Promise<Lap> {
    return await this.#lap({ order: "feed", feeder, count, inFlight, projects });
  }

  async bare(path: string, count: number, inFlight: number): Promise<Lap> {
    return await this.#lap({ order: "bare", path, count, inFlight });
  }

  /** Resolves when the process has nothing to do any more but wait. */
  async quiet(): Promise<void> {
    for (let before = (await this.usage()).cpuMs; ; ) {
      await wait(QUIET_MS);
      const { cpuMs } = await this.usage();
      if (cpuMs - before < QUIET_SHARE * QUIET_MS) return;
      before = cpuMs;
    }
  }

  /** Bytes of memory that the process holds, after its garbage was collected. */
  async residentBytes(): Promise<number> {
    // What is found to be garbage is given back to the system only with the next collection.
    for (let collection = 0; collection < 2; collection++) {
      await this.quiet();
      await this.#ask({ order: "collect garbage" });
    }
    await this.quiet();
    return (await this.usage()).residentBytes;
  }

  /** Bytes that the process made the kernel write to disk so far, in whole pages; null where the kernel does not say. */
  diskBytes(): number | null {
    try {
      const io = readFileSync(`/proc/${this.#child.pid}/io`, "utf8");
      return Number(/^write_bytes: (\d+)$/m.exec(io)?.[1]);
    } catch {
      return null;
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await this.#ask({ order: "stop" });
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async #lap(order: Order): Promise<Lap> {
    const reply = await this.#ask(order);
    if (!("lap" in reply)) throw new Error("the sender did not tell how it went");
    return reply.lap;
  }

  async #ask(order: Order): Promise<Reply> {
    const reply = this.#reply();
    this.#child.send(order);
    return await reply;
  }

  async #reply(): Promise<Reply> {
    const gone = new AbortController();
    const onExit = () => gone.abort(new Error("the sender's process has gone"));
    this.#child.once("exit", onExit);
    try {
      const [reply]: Reply[] = await once(this.#child, "message", { signal: gone.signal });
      if (reply === undefined || "failed" in reply) throw new Error(`the sender failed: ${reply?.failed}`);
      return reply;
    } finally {
      this.#child.off("exit", onExit);
    }
  }

  /** What the process has used so far. */
  async usage(): Promise<Usage> {
    const reply = await this.#ask({ order: "tell usage" });
    if (!("usage" in reply)) throw new Error("the sender did not tell what it uses");
    return reply.usage;
  }
}
