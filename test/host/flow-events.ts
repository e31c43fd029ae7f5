import { EventEmitter } from "node:events";

/** The runtime's events as a runtime emits them: a stop for a deploy carries the new configuration. */
export class FlowEvents extends EventEmitter {
  #configuration: object = {};

  started(): void {
    this.emit("flows:started", { config: this.#configuration });
  }

  /** Stops for a deploy; `started` ends it. */
  deploying(): void {
    this.#configuration = {};
    this.emit("flows:stopping", { config: this.#configuration });
  }

  stopping(): void {
    this.emit("flows:stopping", { config: this.#configuration });
  }
}
