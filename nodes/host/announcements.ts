import type { Transition } from "../lib/health/integration-ledger";
import type { Pipeline } from "./pipeline";

/** A change of status that was not made by a message: nodes learn of it here. */
export interface Announcement {
  pipeline: Pipeline;
  integration: string;
  transition: Transition;
}

/** Tells the nodes of a runtime what was changed from outside the flows. */
export class Announcements {
  readonly #listeners = new Set<(announcement: Announcement) => void>();

  /** Returns the function that ends it. */
  listen(listener: (announcement: Announcement) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(announcement: Announcement): void {
    for (const listener of [...this.#listeners]) listener(announcement);
  }
}
