import { localReasonOf } from "../../delivery/attempt";
import type { Lane } from "../../delivery/lane";
import { LaneScheduler } from "../../delivery/lane-scheduler";
import type { GivenUp, LanePolicy, LaneReport, StoredDelivery } from "../../delivery/outbox";
import type { Random } from "../../time/clock";
import { SECOND_MS } from "../../time/utc-day";
import { noteArchived } from "./integration-files";
import type { Position } from "./journal";
import type { AcceptEntry, NumberedEntry, SettleEntry, TransitionEntry } from "./journal-entry";
import { LanePolicies } from "./lane-policies";
import { sortBySequence } from "./sort-by-sequence";
import { spreadOverdue } from "./spread-overdue";
import type { StoreCore } from "./store-core";
import { UnreadableFileError } from "./unreadable-file";
import { WaitingDeliveries, type WaitingDelivery } from "./waiting-deliveries";

/** What could not be read from the journal is read again after so long. */
const READ_AGAIN_MS = 5 * SECOND_MS;

/** All that waits, in its lanes, kept in step with the journal: nothing moves here before its entry is safe on disk. */
export class DeliveryLanes {
  readonly #core: StoreCore;
  readonly #random: Random;
  readonly #scheduler = new LaneScheduler<WaitingDelivery>();
  readonly #policies: LanePolicies;
  readonly #deliveries: WaitingDeliveries;
  readonly #listeners = new Set<() => void>();
  #givenUp: GivenUp[] = [];
  /** Claimed, and put back after a while: the journal could not be read. */
  #unread: WaitingDelivery[] = [];
  #cancelPutBack: (() => void) | null = null;

  constructor(core: StoreCore, random: Random) {
    this.#core = core;
    this.#random = random;
    this.#policies = new LanePolicies(core.files);
    this.#deliveries = new WaitingDeliveries(core);
  }

  /** Bytes of the journal that deliveries still wait in. */
  get liveBytes(): number {
    return this.#deliveries.liveBytes;
  }

  lane(integration: string): Lane<WaitingDelivery> | undefined {
    return this.#scheduler.find(integration);
  }

  find(integration: string, id: string): WaitingDelivery | undefined {
    return this.#scheduler.find(integration)?.waiting.get(id);
  }

  /** Whether anything of an integration waits. */
  hasWork(integration: string): boolean {
    return (this.#scheduler.find(integration)?.waiting.size ?? 0) > 0;
  }

  /** Lets go of the lane of an integration that has nothing waiting. */
  forget(integration: string): void {
    const lane = this.#scheduler.find(integration);
    if (lane !== undefined) this.#scheduler.drop(lane);
  }

  configure(integration: string, policy: LanePolicy | null): void {
    this.#policies.configure(integration, policy);
    const lane = this.#scheduler.find(integration);
    if (lane === undefined) return;
    this.#scheduler.configure(lane, this.#policies.of(integration), this.#core.clock.now());
    this.#tell();
  }

  retryLocalFailures(integration: string): void {
    const lane = this.#scheduler.find(integration);
    if (lane === undefined) return;
    lane.hasten(({ localFailures }) => localFailures > 0, this.#core.clock.now());
    this.#changed(lane);
  }

  /**
   * Takes what may leave now; what is too old, or may not be held, goes to `giveUp`. What cannot be read now is neither:
   * it can be taken again later.
   */
  take(limit: number, giveUp: (item: WaitingDelivery, as: "expired" | "dropped") => void): StoredDelivery[] {
    const now = this.#core.clock.now();
    const deliveries: StoredDelivery[] = [];
    this.#scheduler.take(
      limit,
      now,
      (lane, item) => {
        if (lane.tooOld(item, now)) {
          if (this.isReadable(item)) giveUp(item, "expired");
          return;
        }
        item.generation = this.#core.files.peek(item.integration)?.document.state.generation ?? item.generation;
        const whole = this.whole(item);
        if (whole !== null) deliveries.push(whole);
      },
      (lane, item) => {
        if (this.isReadable(item)) giveUp(item, lane.policy?.whenDisabled === "drop" ? "dropped" : "expired");
      },
    );
    return deliveries;
  }

  /** When something may be taken by the passing of time alone, ms, or null. */
  nextDueAt(): number | null {
    return this.#scheduler.nextAt(this.#core.clock.now());
  }

  /** What was given up without an attempt since the last call. */
  takeGivenUp(): GivenUp[] {
    const givenUp = this.#givenUp;
    this.#givenUp = [];
    return givenUp;
  }

  release(integration: string, id: string): void {
    const lane = this.#scheduler.find(integration);
    const item = lane?.waiting.get(id);
    if (lane === undefined || item?.place !== "claimed" || item.settling) return;
    lane.release(item, this.#core.clock.now());
    this.#changed(lane);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  report(): LaneReport[] {
    const now = this.#core.clock.now();
    return Array.from(this.#scheduler.lanes(), (lane) => ({
      integration: lane.integration,
      lane: lane.state(now),
      waiting: lane.waiting.size,
      inFlight: lane.inFlight,
      localReason: lane.localReason,
    }));
  }

  /** All that waits, or is in flight. */
  *all(): Iterable<WaitingDelivery> {
    for (const lane of this.#scheduler.lanes()) yield* lane.waiting.values();
  }

  /**
   * The whole delivery as it stands now. Null if the journal is damaged there: then it waits no longer; and null if it
   * cannot be read now: then, if it is claimed, it is put back after a while.
   */
  whole(item: WaitingDelivery): StoredDelivery | null {
    try {
      return this.#deliveries.whole(item);
    } catch (error) {
      if (error instanceof UnreadableFileError) {
        if (item.place === "claimed") this.#putBackLater(item);
        return null;
      }
      const { condition, journal, clock } = this.#core;
      const file = journal.fileOf(item.position.segment);
      const problem = error instanceof Error ? error.message : String(error);
      condition.damaged({ file, keptAs: file, problem, consequence: "The webhooks that cannot be read are lost." });
      const lane = this.#scheduler.find(item.integration);
      lane?.remove(item, clock.now());
      this.#deliveries.gone(item);
      return null;
    }
  }

  /** Whether a claimed delivery can be given up, of which the whole is told. What becomes of it if not: see {@link whole}. */
  isReadable(item: WaitingDelivery): boolean {
    const whole = this.whole(item);
    // Many may be given up before the disk takes the first.
    this.#deliveries.forgetWhole(item);
    return whole !== null;
  }

  /** Need not be kept at hand. */
  forgetWhole(item: WaitingDelivery): void {
    if (item.place !== "claimed") this.#deliveries.forgetWhole(item);
  }

  /** An entry was written. */
  applied(entry: NumberedEntry, position: Position, body: string): void {
    switch (entry.t) {
      case "accept":
        this.#accepted(entry, position, body);
        break;
      case "keep": {
        const item = this.find(entry.i, entry.d.id);
        if (item !== undefined) this.#deliveries.moved(item, position);
        break;
      }
      case "settle":
        this.#settled(entry);
        break;
      case "transition":
        this.#statusChanged(entry);
        break;
    }
  }

  /** An entry was found at start. `isNew` if its integration's file did not have it yet. */
  replayed(entry: NumberedEntry, position: Position, isNew: boolean): void {
    switch (entry.t) {
      case "accept":
      case "keep": {
        const { waiting } = this.#scheduler.lane(entry.i);
        const before = waiting.get(entry.d.id);
        if (before !== undefined) this.#deliveries.gone(before);
        waiting.set(entry.d.id, this.#deliveries.make(entry, position, null));
        break;
      }
      case "settle": {
        const lane = this.#scheduler.find(entry.i);
        const item = lane?.waiting.get(entry.id);
        if (lane === undefined || item === undefined) break;
        noteLocalReason(lane, entry);
        if (entry.next.state === "retry") {
          afterAttempt(item, entry);
          item.dueAt = entry.next.at;
        } else {
          if (isNew) this.#archive(item, entry);
          this.#deliveries.gone(item);
          lane.waiting.delete(entry.id);
        }
        break;
      }
      case "transition":
        this.#statusChanged(entry);
        break;
    }
  }

  /** To be called when all of the journal has been replayed. */
  begin(): void {
    const now = this.#core.clock.now();
    spreadOverdue(this.all(), now, this.#random);
    for (const lane of this.#scheduler.lanes()) {
      this.#adopt(lane);
      sortBySequence(lane.waiting);
      lane.rebuild(now);
      this.#scheduler.touch(lane);
    }
  }

  close(): void {
    this.#cancelPutBack?.();
  }

  #putBackLater(item: WaitingDelivery): void {
    this.#unread.push(item);
    this.#cancelPutBack ??= this.#core.clock.schedule(READ_AGAIN_MS, () => {
      this.#cancelPutBack = null;
      const unread = this.#unread;
      this.#unread = [];
      for (const { integration, id } of unread) this.release(integration, id);
    });
  }

  /** Gives a lane what is known of its integration. */
  #adopt(lane: Lane<WaitingDelivery>): void {
    const now = this.#core.clock.now();
    this.#scheduler.configure(lane, this.#policies.of(lane.integration), now);
    const document = this.#core.files.peek(lane.integration)?.document;
    if (document === undefined) return;
    lane.pause = document.pause;
    if (document.state.status === "disabled") lane.hold(document.state.since);
    // The journal's last word may have been that it was disabled: what came after it can be lost.
    else lane.letGo(now);
  }

  #accepted(entry: AcceptEntry & { n: number }, position: Position, body: string): void {
    const now = this.#core.clock.now();
    let lane = this.#scheduler.find(entry.i);
    if (lane === undefined) {
      lane = this.#scheduler.lane(entry.i);
      this.#adopt(lane);
    }
    lane.add(this.#deliveries.make(entry, position, body), now);
    if (entry.settings === undefined) {
      this.#changed(lane);
    } else {
      this.#scheduler.configure(lane, this.#policies.of(entry.i), now);
      this.retryLocalFailures(entry.i);
    }
  }

  #settled(entry: SettleEntry): void {
    const { clock, files } = this.#core;
    const lane = this.#scheduler.find(entry.i);
    const item = lane?.waiting.get(entry.id);
    if (lane === undefined || item === undefined) return;
    const now = clock.now();
    item.settling = false;
    noteLocalReason(lane, entry);
    if (entry.next.state === "retry") {
      afterAttempt(item, entry);
      this.#deliveries.forgetWhole(item);
      lane.retry(item, entry.next.at, now);
    } else {
      this.#archive(item, entry);
      if (entry.attempt === null && entry.next.state === "given-up") {
        const delivery = this.whole(item);
        if (delivery !== null) this.#givenUp.push({ delivery, gaveUp: entry.next.gaveUp });
      }
      if (lane.waiting.has(item.id)) {
        lane.remove(item, now);
        this.#deliveries.gone(item);
      }
    }
    lane.pause = files.peek(entry.i)?.document.pause ?? lane.pause;
    this.#changed(lane);
  }

  /** Disabled: what waits is held. Enabled again: it goes out as if it had come just now. */
  #statusChanged({ i, transition, heldSince }: TransitionEntry): void {
    const lane = this.#scheduler.find(i);
    if (lane === undefined || transition.dryRun || transition.suspended) return;
    if (transition.to === "disabled") {
      lane.hold(transition.at);
    } else if (transition.from === "disabled") {
      lane.hold(heldSince ?? transition.at);
      for (const item of lane.waiting.values()) {
        if (item.place === "claimed") continue;
        item.attempts = 0;
        item.localFailures = 0;
      }
      lane.letGo(transition.at);
      lane.pause = this.#core.files.peek(i)?.document.pause ?? lane.pause;
    }
    this.#changed(lane);
  }

  #archive(item: WaitingDelivery, { i, at, kind, next }: SettleEntry): void {
    const loaded = this.#core.files.peek(i);
    if (loaded === undefined || kind === "test" || next.state === "retry") return;
    const gaveUp = next.state === "given-up" ? next.gaveUp : null;
    noteArchived(loaded, { position: item.position, settledAt: at, gaveUp }, this.#core.settings);
  }

  #changed(lane: Lane<WaitingDelivery>): void {
    this.#scheduler.touch(lane);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function noteLocalReason(lane: Lane<WaitingDelivery>, { attempt }: SettleEntry): void {
  if (attempt !== null) lane.localReason = localReasonOf(attempt);
}

function afterAttempt(item: WaitingDelivery, { attempt }: SettleEntry): void {
  if (attempt === null) return;
  if (attempt.outcome === null) {
    item.localFailures += 1;
  } else {
    item.attempts += 1;
    item.localFailures = 0;
  }
}
