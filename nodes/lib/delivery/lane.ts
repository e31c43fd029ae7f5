import type { DeliveryKind, LocalReason } from "./attempt";
import { DueHeap } from "./due-heap";
import { Fifo } from "./fifo";
import type { LanePolicy, LaneState } from "./outbox";
import { OPEN, type PauseState } from "./pause";

/** What a lane must know of a delivery. */
export interface LaneItem {
  readonly id: string;
  readonly orderKey: string;
  readonly kind: DeliveryKind;
  readonly acceptedAt: number;
  heldMs: number;
  dueAt: number;
  place: "blocked" | "queued" | "claimed" | "gone";
}

/** A few deliveries may leave at once, so that a timer's coarse grain does not lower the rate. */
const RATE_TOLERANCE_MS = 20;
/** How fast what was held goes out after enabling, and what is sent again. */
const GENTLE_PER_SECOND = 10;

/**
 * The deliveries of one integration, and which of them may leave now. Decides order, concurrency, rate, pauses and
 * holding; knows nothing of disks, sockets or timers. All times are handed in.
 */
export class Lane<T extends LaneItem> {
  readonly waiting = new Map<string, T>();
  pause: PauseState = OPEN;
  /** Why the last attempt could not be made, if that was for a reason on our side. */
  localReason: LocalReason | null = null;
  #policy: LanePolicy | null = null;
  #heldSince: number | null = null;
  #inFlight = 0;
  #tests = new Fifo<T>();
  #ready = new Fifo<T>();
  #scheduled = new DueHeap<T>();
  /** By order key: the one that may leave, and those behind it. */
  #chains = new Map<string, { head: T; followers: Fifo<T> | null }>();
  #nextSlotAt = 0;
  #gentle = 0;
  #nextReplayAt = 0;

  constructor(readonly integration: string) {}

  get policy(): LanePolicy | null {
    return this.#policy;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get heldSince(): number | null {
    return this.#heldSince;
  }

  state(now: number): LaneState {
    if (this.#policy === null) return { state: "unconfigured" };
    if (this.#heldSince !== null) return { state: "held" };
    const { until, failures } = this.pause;
    if (this.#policy.pauses && until !== null && until > now) return { state: "paused", until, failures };
    return { state: "open" };
  }

  configure(policy: LanePolicy | null, now: number): void {
    const before = this.#policy;
    this.#policy = policy;
    if (before?.rate !== policy?.rate) this.#nextSlotAt = 0;
    if ((before?.ordered ?? true) !== (policy?.ordered ?? true)) this.rebuild(now);
  }

  add(item: T, now: number): void {
    this.waiting.set(item.id, item);
    if (item.place !== "queued") this.#takeTurn(item, now);
    if (this.#isFirstOfKey(item)) this.#enqueue(item, now);
    else item.place = "blocked";
  }

  /** Takes the next that may leave at `now`; it is in flight until `retry`, `remove` or `release`. */
  take(now: number): T | undefined {
    const policy = this.#policy;
    if (policy === null) return undefined;
    const test = this.#next(this.#tests);
    if (test !== undefined) return this.#claim(test);
    if (this.#heldSince !== null || this.#inFlight >= policy.concurrency || this.#pausedAt(now, policy))
      return undefined;
    if (now < this.#slotAt(policy)) return undefined;
    for (let due = this.#scheduled.popDue(now); due !== undefined; due = this.#scheduled.popDue(now)) {
      if (due.place === "queued") this.#ready.push(due);
    }
    const item = this.#next(this.#ready);
    if (item === undefined) return undefined;
    const rate = this.#ratePerSecond(policy);
    if (rate > 0) this.#nextSlotAt = Math.max(this.#nextSlotAt, now) + 1_000 / rate;
    if (this.#gentle > 0) this.#gentle -= 1;
    return this.#claim(item);
  }

  /** When `take` may next succeed by the passing of time alone, or null if only an event can change it. */
  nextAt(now: number): number | null {
    const policy = this.#policy;
    if (policy === null) return null;
    if (this.#tests.size > 0) return now;
    if (this.#heldSince !== null) return this.#holdEndsAt(policy);
    if (this.#inFlight >= policy.concurrency || (this.#tryingOne(policy) && this.#inFlight > 0)) return null;
    const dueAt = this.#ready.size > 0 ? now : this.#scheduled.earliest();
    if (dueAt === null) return null;
    return Math.max(dueAt, policy.pauses ? (this.pause.until ?? 0) : 0, this.#slotAt(policy));
  }

  /** Puts a delivery back, to leave at `dueAt`; it keeps its place at the head of its key. */
  retry(item: T, dueAt: number, now: number): void {
    item.dueAt = dueAt;
    if (item.place === "claimed") {
      this.#inFlight -= 1;
      this.#enqueue(item, now);
    } else {
      // Released before its answer came: it stands in a queue for an earlier time.
      this.rebuild(now);
    }
  }

  /** Makes due at once those that wait for a retry and fit. */
  hasten(fits: (item: T) => boolean, now: number): void {
    this.localReason = null;
    let some = false;
    for (const item of this.waiting.values()) {
      const soonest = item.kind === "replay" ? Math.max(now, this.#nextReplayAt) : now;
      if (item.place !== "queued" || item.dueAt <= soonest || !fits(item)) continue;
      item.dueAt = now;
      this.#takeTurn(item, now);
      some = true;
    }
    if (some) this.rebuild(now);
  }

  /** Puts a claimed delivery back as if it had not been taken. */
  release(item: T, now: number): void {
    this.retry(item, item.dueAt, now);
  }

  /** Takes a delivery out for good, claimed or not, and lets the next of its key go. */
  remove(item: T, now: number): void {
    if (item.place === "claimed") this.#inFlight -= 1;
    item.place = "gone";
    this.waiting.delete(item.id);
    this.#gentle = Math.min(this.#gentle, this.waiting.size);
    const chain = this.#chains.get(item.orderKey);
    if (chain?.head !== item) return;
    let next = chain.followers?.shift();
    while (next?.place === "gone") next = chain.followers?.shift();
    if (next === undefined) {
      this.#chains.delete(item.orderKey);
      return;
    }
    chain.head = next;
    // A claimed one is being given up: those behind it wait until that is on disk.
    if (next.place === "blocked") this.#enqueue(next, now);
  }

  /** Holds everything but tests. */
  hold(since: number): void {
    this.#heldSince ??= since;
  }

  /** Lets what was held go out gently, in order; its age stood still meanwhile. */
  letGo(now: number): void {
    if (this.#heldSince === null) return;
    const since = this.#heldSince;
    this.#heldSince = null;
    for (const item of this.waiting.values()) {
      if (item.kind === "test") continue;
      item.heldMs += Math.max(0, now - Math.max(since, item.acceptedAt));
      if (item.place === "claimed") continue;
      item.dueAt = now;
      item.place = "blocked";
    }
    this.#gentle = this.waiting.size;
    this.rebuild(now);
  }

  /**
   * While the lane is held: claims those that are more than may be held, or were held for too long, oldest first; all of
   * them if the lane drops instead of holding; at most `limit`. They are to be given up.
   */
  takeOverdue(now: number, limit: number): T[] {
    const policy = this.#policy;
    const since = this.#heldSince;
    if (policy === null || since === null) return [];
    const overdue: T[] = [];
    // What is in flight, or being given up already, is not held.
    const held = this.waiting.size - this.#inFlight - this.#tests.size;
    let excess = policy.whenDisabled === "drop" ? held : held - policy.holdLimit;
    for (const item of this.waiting.values()) {
      if (overdue.length >= limit) break;
      if (item.kind === "test" || item.place === "claimed") continue;
      if (excess <= 0 && now - Math.max(since, item.acceptedAt) < policy.holdMs) break;
      overdue.push(item);
      excess -= 1;
    }
    for (const item of overdue) this.#claim(item);
    return overdue;
  }

  /** Claims all that is not in flight, at most `limit`, to be given up. */
  takeAll(limit: number): T[] {
    const all: T[] = [];
    for (const item of this.waiting.values()) {
      if (all.length >= limit) break;
      if (item.place !== "claimed") all.push(this.#claim(item));
    }
    return all;
  }

  /** Whether a delivery is older than the lane allows; time for which it was held does not count. */
  tooOld(item: T, now: number): boolean {
    return this.#policy !== null && now - item.acceptedAt - item.heldMs > this.#policy.maxAgeMs;
  }

  /** Builds the queues anew, in the order in which deliveries were accepted. */
  rebuild(now: number): void {
    this.#tests = new Fifo<T>();
    this.#ready = new Fifo<T>();
    this.#scheduled = new DueHeap<T>();
    this.#chains = new Map();
    this.#gentle = Math.min(this.#gentle, this.waiting.size);
    // What is in flight comes before what has yet to leave.
    for (const item of this.waiting.values()) {
      if (item.place === "claimed") this.#isFirstOfKey(item);
    }
    for (const item of this.waiting.values()) {
      if (item.place !== "claimed") this.add(item, now);
    }
  }

  /** Replays that are due leave one by one; one that is queued has had its turn given. */
  #takeTurn(item: T, now: number): void {
    if (item.kind !== "replay" || item.dueAt > now) return;
    item.dueAt = Math.max(now, this.#nextReplayAt);
    this.#nextReplayAt = item.dueAt + 1_000 / GENTLE_PER_SECOND;
  }

  /** Takes its place in the order of its key, if there is one; whether it may leave without waiting for another. */
  #isFirstOfKey(item: T): boolean {
    if (item.kind !== "event" || this.#policy?.ordered === false) return true;
    const chain = this.#chains.get(item.orderKey);
    if (chain === undefined) {
      this.#chains.set(item.orderKey, { head: item, followers: null });
      return true;
    }
    chain.followers ??= new Fifo<T>();
    chain.followers.push(item);
    return false;
  }

  #claim(item: T): T {
    item.place = "claimed";
    this.#inFlight += 1;
    return item;
  }

  #next(queue: Fifo<T>): T | undefined {
    let item = queue.shift();
    while (item !== undefined && item.place !== "queued") item = queue.shift();
    return item;
  }

  #enqueue(item: T, now: number): void {
    item.place = "queued";
    if (item.kind === "test") this.#tests.push(item);
    else if (item.dueAt > now) this.#scheduled.push(item.dueAt, item);
    else this.#ready.push(item);
  }

  #tryingOne(policy: LanePolicy): boolean {
    return policy.pauses && this.pause.until !== null;
  }

  #pausedAt(now: number, policy: LanePolicy): boolean {
    if (!this.#tryingOne(policy)) return false;
    return this.#inFlight > 0 || now < (this.pause.until ?? 0);
  }

  #ratePerSecond(policy: LanePolicy): number {
    if (this.#gentle <= 0) return policy.rate;
    return policy.rate > 0 ? Math.min(policy.rate, GENTLE_PER_SECOND) : GENTLE_PER_SECOND;
  }

  #slotAt(policy: LanePolicy): number {
    return this.#ratePerSecond(policy) > 0 ? this.#nextSlotAt - RATE_TOLERANCE_MS : 0;
  }

  #holdEndsAt(policy: LanePolicy): number | null {
    for (const item of this.waiting.values()) {
      if (item.kind === "test" || item.place === "claimed") continue;
      return Math.max(this.#heldSince ?? 0, item.acceptedAt) + policy.holdMs;
    }
    return null;
  }
}
