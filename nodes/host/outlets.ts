import type { DeliveryReport } from "../lib/delivery/report";
import type { FlowCycle } from "./flow-cycle";

type Deliver = (report: DeliveryReport) => void;

interface Outlet {
  deliver: Deliver | null;
  waiting: DeliveryReport[];
  detach: () => void;
}

/** Where outcomes come from: the part of the engine that outlets need. */
export interface ReportSource {
  attach(node: string, listener: Deliver): () => void;
}

/**
 * Lets each outcome leave through the node that accepted its message, found by the node's id.
 *
 * While flows are being deployed outcomes wait: the node, or those it is wired to, may not exist yet. If no node takes
 * them over, they are let go; what they tell is in the store.
 */
export class Outlets {
  readonly #outlets = new Map<string, Outlet>();
  readonly #source: ReportSource;
  readonly #cycle: FlowCycle;
  readonly #stop: () => void;

  constructor(source: ReportSource, cycle: FlowCycle) {
    this.#source = source;
    this.#cycle = cycle;
    this.#stop = cycle.onRunning(() => this.#flush());
  }

  /** Hands the outcomes of messages accepted by `node` to `deliver` until the returned function is called. */
  connect(node: string, deliver: Deliver): () => void {
    const outlet = this.#outlets.get(node) ?? this.#open(node);
    outlet.deliver = deliver;
    if (this.#cycle.running) this.#empty(outlet);
    return () => {
      if (outlet.deliver !== deliver) return;
      outlet.deliver = null;
      if (this.#cycle.running) this.#drop(node, outlet);
    };
  }

  close(): void {
    this.#stop();
    for (const [node, outlet] of this.#outlets) this.#drop(node, outlet);
  }

  #open(node: string): Outlet {
    const outlet: Outlet = { deliver: null, waiting: [], detach: () => {} };
    outlet.detach = this.#source.attach(node, (report) => {
      if (this.#cycle.running && outlet.deliver) outlet.deliver(report);
      else outlet.waiting.push(report);
    });
    this.#outlets.set(node, outlet);
    return outlet;
  }

  #flush(): void {
    for (const [node, outlet] of this.#outlets) {
      if (outlet.deliver) this.#empty(outlet);
      else this.#drop(node, outlet);
    }
  }

  #empty(outlet: Outlet): void {
    for (const report of outlet.waiting.splice(0)) outlet.deliver?.(report);
  }

  #drop(node: string, outlet: Outlet): void {
    outlet.detach();
    this.#outlets.delete(node);
  }
}
