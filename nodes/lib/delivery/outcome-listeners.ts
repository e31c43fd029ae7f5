import type { DeliveryReport } from "./report";

/** Who hears what became of webhooks: the node that accepted them, as long as it is there. */
export class OutcomeListeners {
  readonly #listeners = new Map<string, (report: DeliveryReport) => void>();

  /** Takes the place of whoever listened for the node before. Returns the function that ends it. */
  attach(node: string, listener: (report: DeliveryReport) => void): () => void {
    this.#listeners.set(node, listener);
    return () => {
      if (this.#listeners.get(node) === listener) this.#listeners.delete(node);
    };
  }

  tell(report: DeliveryReport): void {
    try {
      this.#listeners.get(report.delivery.origin.node)?.(report);
    } catch {
      // What a listener does with an outcome must not keep the others from being sent.
    }
  }
}
