import type { Node, NodeStatus } from "node-red";
import type { Clock } from "../lib/time/clock";
import { onClose } from "./input";

/** Statuses go to every open editor, so that they may not follow each message. */
const INTERVAL_MS = 250;
/** Long enough to be read by whoever caused it. */
const ANNOUNCED_MS = 10_000;

type Shown = NodeStatus | (() => NodeStatus);

/**
 * A node's status, shown when it changes and at most four times a second; the last one always. What is announced takes its
 * place for ten seconds.
 */
export class StatusLine {
  readonly #node: Node;
  readonly #clock: Clock;
  #shown = "";
  #next: Shown | null = null;
  #cancel: (() => void) | null = null;
  #standing: Shown | null = null;
  #endAnnouncement: (() => void) | null = null;

  constructor(node: Node, clock: Clock) {
    this.#node = node;
    this.#clock = clock;
    onClose(node, () => {
      this.#cancel?.();
      this.#endAnnouncement?.();
    });
  }

  /** @param status or what makes it when it is to be shown: to word one takes longer than most messages do */
  show(status: Shown): void {
    this.#standing = status;
    if (this.#endAnnouncement === null) this.#put(status);
  }

  /** Shows what has just happened, then again how things are. */
  announce(status: NodeStatus): void {
    this.#endAnnouncement?.();
    this.#endAnnouncement = this.#clock.schedule(ANNOUNCED_MS, () => {
      this.#endAnnouncement = null;
      if (this.#standing !== null) this.#put(this.#standing);
    });
    this.#put(status);
  }

  #put(status: Shown): void {
    this.#next = status;
    if (this.#cancel === null) this.#flush();
  }

  #flush(): void {
    this.#cancel = null;
    const next = this.#next;
    this.#next = null;
    if (next === null) return;
    this.#cancel = this.#clock.schedule(INTERVAL_MS, () => this.#flush());
    const status = typeof next === "function" ? next() : next;
    const key = JSON.stringify(status);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#node.status(status);
  }
}
