import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import { closedLoop, type Lap } from "./closed-loop";

/** Messages that were fed, have not arrived at the sink of the same feeder yet, and who waits for that. */
type Arrivals = (() => void)[];

/** What is fed into the flows, and what arrives at their ends, within the runtime: no wire leads out of it. */
export class BenchNodes {
  readonly #feeders = new Map<string, Node>();
  readonly #waiting = new Map<string, Arrivals>();

  /** Registers the node types `bench-feeder`, and `bench-sink` with the feeder's id in `feeder`. */
  register(RED: NodeAPI): void {
    const feeders = this.#feeders;
    const waiting = this.#waiting;
    RED.nodes.registerType("bench-feeder", function (this: Node, config: NodeDef) {
      RED.nodes.createNode(this, config);
      feeders.set(this.id, this);
      waiting.set(this.id, []);
    });
    RED.nodes.registerType("bench-sink", function (this: Node, config: NodeDef & { feeder: string }) {
      RED.nodes.createNode(this, config);
      this.on("input", (_msg, _send, done) => {
        // Whose it is does not matter for a rate; where it does there is only one.
        waiting.get(config.feeder)?.shift()?.();
        done();
      });
    });
  }

  /** Feeds messages as fast as `inFlight` of them allow, until all have arrived at the sink. */
  async feed(feeder: string, count: number, inFlight: number, message: () => NodeMessage): Promise<Lap> {
    const node = this.#feeders.get(feeder);
    const arrivals = this.#waiting.get(feeder);
    if (node === undefined || arrivals === undefined) throw new Error(`no bench-feeder ${feeder}`);
    return await closedLoop(count, inFlight, () => {
      const arrived = new Promise<void>((resolve) => arrivals.push(resolve));
      node.send(message());
      return arrived;
    });
  }
}
