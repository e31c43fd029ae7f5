import { isRefusedAtFirst, webhookOf } from "./killed-load";

interface Arrival {
  index: number;
  /** Which sender sent it, counted from 0. */
  run: number;
  ok: boolean;
}

export interface Testimony {
  /** Webhooks that were never taken. */
  lost: number[];
  /** "5 after 45" of one integration and key. */
  outOfOrder: string[];
  /** Times that a webhook came again after it had been taken. */
  duplicates: number;
  /** What came again though its sender was not killed while it was in flight. */
  unexcused: Arrival[];
  /** Attempts that were in flight when their sender was killed: here, but not known to be settled. */
  inFlight: number;
  refused: number;
  /** Those of {@link refused} that were in flight. */
  refusedInFlight: number;
}

/** What the receiver saw of each webhook, and what its senders said of it. */
export class Witness {
  readonly #byIndex = new Map<number, Arrival[]>();
  readonly #byKey = new Map<string, Arrival[]>();
  #unsettled: Arrival[] = [];

  /** A whole request came. Returns whether it is to be taken. */
  arrived(run: number, index: number): boolean {
    const { integration, orderKey } = webhookOf(index);
    const sameWebhook = listIn(this.#byIndex, index);
    const arrival = { index, run, ok: sameWebhook.length > 0 || !isRefusedAtFirst(index) };
    sameWebhook.push(arrival);
    listIn(this.#byKey, `${integration} ${orderKey}`).push(arrival);
    this.#unsettled.push(arrival);
    return arrival.ok;
  }

  /** A sender has the outcome of a webhook's oldest attempt on disk. */
  settled(run: number, index: number): void {
    const at = this.#unsettled.findIndex((each) => each.run === run && each.index === index);
    if (at !== -1) this.#unsettled.splice(at, 1);
  }

  /** @param deliveries how many webhooks there were */
  testify(deliveries: number): Testimony {
    const all = [...this.#byIndex.values()];
    const again = all.flatMap((arrivals) => arrivals.slice(0, -1).filter(({ ok }) => ok));
    const inFlight = new Set(this.#unsettled);
    return {
      lost: Array.from({ length: deliveries }, (_, index) => index).filter(
        (index) => !this.#byIndex.get(index)?.some(({ ok }) => ok),
      ),
      outOfOrder: [...this.#byKey].flatMap(([key, arrivals]) => outOfOrder(key, arrivals)),
      duplicates: again.length,
      unexcused: again.filter((arrival) => !inFlight.has(arrival)),
      inFlight: inFlight.size,
      refused: all.flat().filter(({ ok }) => !ok).length,
      refusedInFlight: this.#unsettled.filter(({ ok }) => !ok).length,
    };
  }
}

function listIn<Key>(lists: Map<Key, Arrival[]>, key: Key): Arrival[] {
  const known = lists.get(key) ?? [];
  lists.set(key, known);
  return known;
}

function outOfOrder(key: string, arrivals: readonly Arrival[]): string[] {
  let last = -1;
  return arrivals.flatMap(({ index }) => {
    if (index < last) return [`${key}: ${index} after ${last}`];
    last = index;
    return [];
  });
}
