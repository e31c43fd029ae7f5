import type { DeliveryLanes } from "./delivery-lanes";
import type { AcceptEntry } from "./journal-entry";
import type { StoreCore } from "./store-core";
import type { WaitingDelivery } from "./waiting-deliveries";

/** Under load, some of those that are left are being settled each time one looks. */
const MOST_ROUNDS = 32;
/** A segment has thousands: moved all at once they would hold up what is being delivered for a good part of a second. */
const MOVED_AT_ONCE = 64;

/**
 * Writes the deliveries that still wait in a segment anew, so that it can go. Resolves with whether none is left in it: one
 * that is just being settled, or let go, cannot be moved, since its copy would bring back what was before.
 */
export async function moveOutOf(segment: number, core: StoreCore, lanes: DeliveryLanes): Promise<boolean> {
  const isThere = (item: WaitingDelivery) => item.place !== "gone" && item.position.segment === segment;
  const isMovable = (item: WaitingDelivery) =>
    isThere(item) && !item.settling && core.files.peek(item.integration)?.changing !== true;
  let left = Array.from(lanes.all()).filter(isThere);
  for (let round = 0; left.length > 0 && round < MOST_ROUNDS; round++) {
    for (let first = 0; first < left.length; first += MOVED_AT_ONCE) {
      const movable = left.slice(first, first + MOVED_AT_ONCE).filter(isMovable);
      await Promise.all(movable.map((item) => move(item, core, lanes)));
    }
    left = left.filter(isThere);
    if (left.length > 0) await core.finishWriting();
  }
  return left.length === 0;
}

async function move(item: WaitingDelivery, core: StoreCore, lanes: DeliveryLanes): Promise<void> {
  const whole = lanes.whole(item);
  if (whole === null) return;
  const { body, ...head } = whole;
  const { sequence, dueAt } = item;
  const entry: AcceptEntry = { t: "keep", i: item.integration, d: { ...head, dueAt }, sequence };
  lanes.forgetWhole(item);
  await core.write(entry, body);
}
