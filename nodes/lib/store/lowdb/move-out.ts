import type { DeliveryLanes } from "./delivery-lanes";
import type { AcceptEntry } from "./journal-entry";
import type { StoreCore } from "./store-core";
import type { WaitingDelivery } from "./waiting-deliveries";

const ROUNDS = 3;

/**
 * Writes the deliveries that still wait in a segment anew, so that it can go. Resolves with whether none is left in it: one
 * that is just being settled, or let go, cannot be moved, since its copy would bring back what was before.
 */
export async function moveOutOf(segment: number, core: StoreCore, lanes: DeliveryLanes): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    const movable: WaitingDelivery[] = [];
    let unsettled = false;
    for (const item of lanes.all()) {
      if (item.position.segment !== segment) continue;
      if (item.settling || core.files.peek(item.integration)?.changing === true) unsettled = true;
      else movable.push(item);
    }
    if (movable.length === 0 && !unsettled) return true;
    await Promise.all(movable.map((item) => move(item, core, lanes)));
    if (unsettled) await core.finishWriting();
  }
  return false;
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
