import { DueHeap } from "./due-heap";
import { Fifo } from "./fifo";
import { Lane, type LaneItem } from "./lane";
import type { LanePolicy } from "./outbox";

/** Taken from one lane before the next has its turn. */
const TURN = 8;

/**
 * All lanes of a store. Takes from them in turn, so that a busy or broken one cannot keep the others waiting, and looks
 * only at those in which something may leave: thousands of idle lanes cost nothing.
 */
export class LaneScheduler<T extends LaneItem> {
  readonly #lanes = new Map<string, Lane<T>>();
  #active = new Fifo<Lane<T>>();
  readonly #isActive = new Set<Lane<T>>();
  readonly #wakes = new DueHeap<Lane<T>>();
  readonly #wakeAt = new Map<Lane<T>, number>();

  lanes(): Iterable<Lane<T>> {
    return this.#lanes.values();
  }

  find(integration: string): Lane<T> | undefined {
    return this.#lanes.get(integration);
  }

  /** The lane of an integration; made when there is none, and then it may do nothing yet. */
  lane(integration: string): Lane<T> {
    let lane = this.#lanes.get(integration);
    if (lane === undefined) {
      lane = new Lane<T>(integration);
      this.#lanes.set(integration, lane);
    }
    return lane;
  }

  configure(lane: Lane<T>, policy: LanePolicy | null, now: number): void {
    if (samePolicy(lane.policy, policy)) return;
    lane.configure(policy, now);
    this.touch(lane);
  }

  /** To be called when something changed in a lane that may let a delivery leave. */
  touch(lane: Lane<T>): void {
    if (this.#isActive.has(lane)) return;
    this.#isActive.add(lane);
    this.#active.push(lane);
  }

  /** Forgets a lane in which nothing waits. */
  drop(lane: Lane<T>): void {
    if (lane.waiting.size === 0) this.#lanes.delete(lane.integration);
  }

  /**
   * Takes at most `limit` deliveries, a few from each lane in turn, and what held lanes must give up.
   */
  take(
    limit: number,
    now: number,
    leave: (lane: Lane<T>, item: T) => void,
    giveUp: (lane: Lane<T>, item: T) => void,
  ): void {
    for (let lane = this.#wakes.popDue(now); lane !== undefined; lane = this.#wakes.popDue(now)) {
      this.#wakeAt.delete(lane);
      this.touch(lane);
    }
    let left = limit;
    while (left > 0) {
      const lane = this.#active.shift();
      if (lane === undefined) return;
      for (const overdue of lane.takeOverdue(now, left)) {
        left -= 1;
        giveUp(lane, overdue);
      }
      let taken = 0;
      while (taken < TURN && left > 0) {
        const item = lane.take(now);
        if (item === undefined) break;
        taken += 1;
        left -= 1;
        leave(lane, item);
      }
      if (taken === TURN || left === 0) {
        this.#active.push(lane);
      } else {
        this.#isActive.delete(lane);
        this.#wakeLater(lane, now);
      }
    }
  }

  /** When `take` may next succeed by the passing of time alone, or null. */
  nextAt(now: number): number | null {
    return this.#active.size > 0 ? now : this.#wakes.earliest();
  }

  #wakeLater(lane: Lane<T>, now: number): void {
    const at = lane.nextAt(now);
    if (at === null) return;
    const planned = this.#wakeAt.get(lane);
    if (planned !== undefined && planned <= at) return;
    this.#wakeAt.set(lane, at);
    this.#wakes.push(at, lane);
  }
}

function samePolicy(a: LanePolicy | null, b: LanePolicy | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.ordered === b.ordered &&
    a.concurrency === b.concurrency &&
    a.rate === b.rate &&
    a.pauses === b.pauses &&
    a.whenDisabled === b.whenDisabled &&
    a.holdLimit === b.holdLimit &&
    a.holdMs === b.holdMs &&
    a.maxAgeMs === b.maxAgeMs
  );
}
