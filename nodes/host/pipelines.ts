import type { Clock } from "../lib/time/clock";
import type { FlowCycle } from "./flow-cycle";
import type { Pipeline } from "./pipeline";

/** How a store's pipeline is doing. */
export type PipelineState =
  | { state: "opening" }
  | { state: "open"; pipeline: Pipeline }
  /** It could not be opened; that is tried again as long as a node needs it. */
  | { state: "failed"; problem: Error }
  | { state: "closed" };

/** What it returns for a pipeline that is `closed` is awaited before the pipeline lets go of its store. */
type Watcher = (path: string, state: PipelineState) => void | Promise<void>;

/** A node's need for a store. */
export interface Lease {
  /** The open pipeline, once all flows run. Rejects if its store cannot be opened now. */
  pipeline(): Promise<Pipeline>;
  /** Ends the need. When the flows stop for good and it was the last one, resolves when everything is closed. */
  release(): Promise<void>;
}

export interface PipelinesParts {
  cycle: FlowCycle;
  clock: Clock;
  /** Opens the pipeline of a folder, with its present settings. */
  open: (path: string) => Promise<Pipeline>;
  /** The settings with which `open` would open it, as text; another text means that it must be opened anew. */
  settingsOf: (path: string) => string;
  /** How long nodes may take to close, ms. */
  closeTimeoutMs: number;
}

const RETRY_MS = 5_000;

interface Entry {
  path: string;
  leases: number;
  settings: string;
  state: PipelineState;
  /** Opening and closing, one after the other; never rejects. */
  work: Promise<void>;
  cancelTimer: () => void;
}

/**
 * One pipeline per store in the process. It is opened when all flows run and a node needs it, and closed when none does
 * any more: after a deploy, which takes the old nodes away before it brings the new, or at once when the flows stop for
 * good.
 */
export class Pipelines {
  readonly #parts: PipelinesParts;
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<Watcher>();
  readonly #stopping = new WeakMap<Pipeline, Promise<void>>();

  constructor(parts: PipelinesParts) {
    this.#parts = parts;
    parts.cycle.onRunning(() => {
      for (const entry of this.#entries.values()) this.#review(entry);
    });
    // At once, and not when the last node has closed: nodes take their time for what they finish themselves.
    parts.cycle.onStoppingForGood(() => {
      for (const { state } of this.#entries.values()) if (state.state === "open") void this.#stop(state.pipeline);
    });
  }

  lease(path: string): Lease {
    const entry = this.#entries.get(path) ?? this.#add(path);
    entry.leases++;
    let released = false;
    if (this.#parts.cycle.running) this.#review(entry);
    return {
      pipeline: () => this.#pipeline(entry),
      release: async () => {
        if (released) return;
        released = true;
        entry.leases--;
        if (entry.leases === 0) await this.#abandon(entry);
      },
    };
  }

  /** All pipelines that are open now. */
  opened(): Pipeline[] {
    return [...this.#entries.values()].flatMap(({ state }) => (state.state === "open" ? [state.pipeline] : []));
  }

  /**
   * Calls `watcher` with the state of each pipeline, now and at each change. A pipeline that opens does not send before
   * all watchers have seen it. Returns the function that ends it.
   */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    for (const { path, state } of this.#entries.values()) void watcher(path, state);
    return () => this.#watchers.delete(watcher);
  }

  #add(path: string): Entry {
    const entry: Entry = {
      path,
      leases: 0,
      settings: "",
      state: { state: "closed" },
      work: Promise.resolve(),
      cancelTimer: () => {},
    };
    this.#entries.set(path, entry);
    return entry;
  }

  async #pipeline(entry: Entry): Promise<Pipeline> {
    await new Promise<void>((resolve) => this.#parts.cycle.whenRunning(resolve));
    for (;;) {
      const { work } = entry;
      await work;
      if (entry.work !== work) continue;
      if (entry.state.state === "open") return entry.state.pipeline;
      throw entry.state.state === "failed" ? entry.state.problem : new Error("the store is closed");
    }
  }

  /** Opens, closes or opens anew, as leases and settings ask by the time it is its turn. */
  #review(entry: Entry): void {
    entry.cancelTimer();
    entry.work = entry.work.then(async () => {
      const settings = this.#parts.settingsOf(entry.path);
      if (entry.state.state === "open" && (entry.leases === 0 || entry.settings !== settings)) await this.#close(entry);
      if (entry.state.state !== "open" && entry.leases > 0) await this.#open(entry, settings);
    });
  }

  /** The last node has gone: for good, or until the deploy brings its successor. */
  async #abandon(entry: Entry): Promise<void> {
    const { cycle, clock, closeTimeoutMs } = this.#parts;
    if (cycle.stopsForGood || cycle.running) {
      this.#review(entry);
      await entry.work;
      return;
    }
    entry.cancelTimer();
    // A deploy that does not start again, e.g. because a type of node is missing, must not leave the engine running.
    entry.cancelTimer = clock.schedule(2 * closeTimeoutMs, () => this.#review(entry));
  }

  async #open(entry: Entry, settings: string): Promise<void> {
    entry.settings = settings;
    void this.#enter(entry, { state: "opening" });
    try {
      const pipeline = await this.#parts.open(entry.path);
      void this.#enter(entry, { state: "open", pipeline });
      pipeline.start();
    } catch (error) {
      void this.#enter(entry, { state: "failed", problem: error instanceof Error ? error : new Error(String(error)) });
      entry.cancelTimer = this.#parts.clock.schedule(RETRY_MS, () => this.#review(entry));
    }
  }

  async #close(entry: Entry): Promise<void> {
    const { state } = entry;
    if (state.state !== "open") return;
    // Until then nodes hear what comes of attempts in flight.
    await this.#stop(state.pipeline);
    await this.#enter(entry, { state: "closed" });
    await state.pipeline.close();
  }

  /** Stops a pipeline once, however often it is asked to. */
  #stop(pipeline: Pipeline): Promise<void> {
    // Two thirds of the time are for what is in flight, the rest for writing down what came of it.
    const stopping = this.#stopping.get(pipeline) ?? pipeline.stop((this.#parts.closeTimeoutMs * 2) / 3);
    this.#stopping.set(pipeline, stopping);
    return stopping;
  }

  async #enter(entry: Entry, state: PipelineState): Promise<void> {
    entry.state = state;
    await Promise.allSettled([...this.#watchers].map((watcher) => watcher(entry.path, state)));
  }
}
