import type { WaitingDelivery } from "./waiting-deliveries";

/** Deliveries that were moved forward in the journal come later in it than they were accepted. */
export function sortBySequence(waiting: Map<string, WaitingDelivery>): void {
  if (isInSequence(waiting.values())) return;
  const sorted = Array.from(waiting.values()).sort((a, b) => a.sequence - b.sequence);
  waiting.clear();
  for (const item of sorted) waiting.set(item.id, item);
}

function isInSequence(items: Iterable<WaitingDelivery>): boolean {
  let last = 0;
  for (const { sequence } of items) {
    if (sequence < last) return false;
    last = sequence;
  }
  return true;
}
