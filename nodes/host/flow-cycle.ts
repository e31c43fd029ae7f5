import type { EventEmitter } from "node:events";

interface FlowsEvent {
  config?: unknown;
}

/**
 * Whether the runtime's flows run, are being deployed, or stop for good.
 *
 * Nodes are made one after the other, and a message to a node that does not exist yet is lost without a word: whatever
 * our nodes send of their own accord waits until all flows run. And when nodes close, only this tells a deploy, which
 * hands work over, from a shutdown, which must finish it: the runtime stops its flows for good with the configuration
 * that is running, and for a deploy with the new one in hand.
 */
export class FlowCycle {
  #running = false;
  #stopsForGood = false;
  #configuration: unknown;
  readonly #listeners = new Set<() => void>();
  readonly #endings = new Set<() => void>();

  /** @param events the runtime's events (`RED.events`) */
  constructor(events: EventEmitter) {
    events.on("flows:started", (event?: FlowsEvent) => {
      this.#configuration = event?.config;
      this.#running = true;
      this.#stopsForGood = false;
      for (const listener of [...this.#listeners]) listener();
    });
    events.on("flows:stopping", (event?: FlowsEvent) => {
      this.#running = false;
      this.#stopsForGood = event?.config === this.#configuration;
      if (this.#stopsForGood) for (const listener of [...this.#endings]) listener();
    });
  }

  /** All nodes exist and messages reach them. */
  get running(): boolean {
    return this.#running;
  }

  /** The flows stop, and no deploy will start them again. */
  get stopsForGood(): boolean {
    return this.#stopsForGood;
  }

  /** Calls `listener` each time all flows have started, in the order of asking. Returns the function that ends it. */
  onRunning(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` each time when the flows begin to stop for good, before the nodes close. */
  onStoppingForGood(listener: () => void): () => void {
    this.#endings.add(listener);
    return () => this.#endings.delete(listener);
  }

  /** Calls `listener` once: now if all flows run, else when they have started. Returns the function that calls it off. */
  whenRunning(listener: () => void): () => void {
    if (this.#running) {
      listener();
      return () => {};
    }
    const stop = this.onRunning(() => {
      stop();
      listener();
    });
    return stop;
  }
}
