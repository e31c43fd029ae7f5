import type { GaveUp } from "../../delivery/attempt";
import type { Lane } from "../../delivery/lane";
import { LaneScheduler } from "../../delivery/lane-scheduler";
import {
  type Claims,
  type GivenUp,
  type LanePolicy,
  type LaneReport,
  type NewDelivery,
  NotAcceptedError,
  type Outbox,
  type Settlement,
  type StoredDelivery,
} from "../../delivery/outbox";
import type { SealedIntegration } from "../../integration/integration-spec";
import type { Random } from "../../time/clock";
import { SECOND_MS } from "../../time/utc-day";
import { type LoadedIntegration, wasSettled } from "./integration-files";
import type { Position } from "./journal";
import type { AcceptEntry, NumberedEntry, SettleEntry, TransitionEntry } from "./journal-entry";
import type { StoreCore } from "./store-core";
import { WaitingDeliveries, type WaitingDelivery } from "./waiting-deliveries";

/** Retries that fell due while the process was down are spread over this time. */
const SPREAD_OVERDUE_MS = 30 * SECOND_MS;

/** Deliveries between accepting and settling: their lanes are in memory, all else is in the journal. */
export class LowdbOutbox implements Outbox {
  readonly #core: StoreCore;
  readonly #random: Random;
  readonly #scheduler = new LaneScheduler<WaitingDelivery>();
  readonly #deliveries: WaitingDeliveries;
  /** Accepts that are on their way to the disk, so that a second copy at the same moment waits for the first. */
  readonly #accepting = new Map<string, Promise<void>>();
  readonly #listeners = new Set<() => void>();
  #givenUp: GivenUp[] = [];

  constructor(core: StoreCore, random: Random) {
    this.#core = core;
    this.#random = random;
    this.#deliveries = new WaitingDeliveries(core);
  }

  get liveBytes(): number {
    return this.#deliveries.liveBytes;
  }

  async accept({ settings, ...delivery }: NewDelivery): Promise<"accepted" | "duplicate"> {
    const core = this.#core;
    const { integration, id } = delivery;
    const loaded = core.files.peek(integration) ?? (await core.files.load(integration));
    const key = `${integration}\n${id}`;
    for (let first = this.#accepting.get(key); first !== undefined; first = this.#accepting.get(key)) {
      await first.catch(() => undefined);
    }
    const known = this.#scheduler.find(integration)?.waiting.has(id) ?? false;
    if (known || (delivery.kind === "event" && wasSettled(loaded, id))) return "duplicate";
    const problem = core.refusal();
    if (problem !== null) throw new NotAcceptedError(problem);
    const now = core.clock.now();
    const { body, ...head } = delivery;
    const entry: AcceptEntry = {
      t: "accept",
      i: integration,
      d: {
        ...head,
        generation: loaded.document.state.generation,
        acceptedAt: now,
        attempts: 0,
        localFailures: 0,
        heldMs: 0,
        dueAt: now,
      },
    };
    if (settings !== undefined && !sameSettings(settings, loaded.document.settings)) entry.settings = settings;
    const written = core.write(entry, body);
    this.#accepting.set(key, written);
    try {
      await written;
    } catch (error) {
      throw new NotAcceptedError(
        `the webhook could not be kept in ${core.folder}: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      this.#accepting.delete(key);
    }
    return "accepted";
  }

  async claim(limit: number): Promise<Claims> {
    const now = this.#core.clock.now();
    const deliveries: StoredDelivery[] = [];
    this.#scheduler.take(
      limit,
      now,
      (lane, item) => {
        if (lane.tooOld(item, now)) this.#giveUp(item, "expired");
        else this.#readWhole(lane, item, deliveries);
      },
      (lane, item) => this.#giveUp(item, lane.policy?.whenDisabled === "drop" ? "dropped" : "expired"),
    );
    const givenUp = this.#givenUp;
    this.#givenUp = [];
    return { deliveries, givenUp, nextDueAt: this.#scheduler.nextAt(now) };
  }

  async settle({ integration, id, attempt, next }: Settlement): Promise<void> {
    const item = this.#scheduler.find(integration)?.waiting.get(id);
    if (item === undefined || item.settling) return;
    const { event, kind } = this.#deliveries.whole(item);
    item.settling = true;
    const { generation } = item;
    const at = this.#core.clock.now();
    await this.#core.writeForSure({ t: "settle", i: integration, at, id, event, kind, generation, attempt, next });
  }

  async release(deliveries: readonly StoredDelivery[]): Promise<void> {
    const now = this.#core.clock.now();
    for (const { integration, id } of deliveries) {
      const lane = this.#scheduler.find(integration);
      const item = lane?.waiting.get(id);
      if (lane === undefined || item?.place !== "claimed" || item.settling) continue;
      lane.release(item, now);
      this.#scheduler.touch(lane);
    }
  }

  configure(integration: string, policy: LanePolicy | null): void {
    this.#scheduler.configure(integration, policy, this.#core.clock.now());
    this.#tell();
  }

  async settings(integration: string): Promise<SealedIntegration | null> {
    return (await this.#core.files.load(integration)).document.settings;
  }

  onClaimable(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lanes(): LaneReport[] {
    const now = this.#core.clock.now();
    return Array.from(this.#scheduler.lanes(), (lane) => ({
      integration: lane.integration,
      lane: lane.state(now),
      waiting: lane.waiting.size,
      inFlight: lane.inFlight,
    }));
  }

  async discard(integration: string): Promise<number> {
    const items = this.#scheduler.find(integration)?.takeAll() ?? [];
    await Promise.all(items.map((item) => this.#giveUp(item, "discarded")));
    return items.length;
  }

  /** Whether anything of an integration waits. */
  hasWork(integration: string): boolean {
    return (this.#scheduler.find(integration)?.waiting.size ?? 0) > 0;
  }

  /** Lets go of the lanes of integrations that have nothing waiting. */
  forget(integration: string): void {
    const lane = this.#scheduler.find(integration);
    if (lane !== undefined) this.#scheduler.drop(lane);
  }

  /** Writes deliveries that still stand in a segment anew, so that it can go. */
  async moveOutOf(segment: number): Promise<void> {
    for (;;) {
      const items: WaitingDelivery[] = [];
      let settling = false;
      for (const lane of this.#scheduler.lanes()) {
        for (const item of lane.waiting.values()) {
          if (item.position.segment !== segment) continue;
          // One that is being settled may be gone in a moment; a copy written after that would bring it back.
          if (item.settling) settling = true;
          else items.push(item);
        }
      }
      if (items.length === 0 && !settling) return;
      await Promise.all(items.map((item) => this.#keep(item)));
      if (items.length === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  applied(entry: NumberedEntry, position: Position, body: string): void {
    switch (entry.t) {
      case "accept":
        this.#accepted(entry, position, body);
        break;
      case "keep": {
        const item = this.#scheduler.find(entry.i)?.waiting.get(entry.d.id);
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

  replayed(entry: NumberedEntry, position: Position, body: string, isNew: boolean): void {
    const now = this.#core.clock.now();
    switch (entry.t) {
      case "accept":
      case "keep": {
        const { waiting } = this.#scheduler.lane(entry.i, now);
        const before = waiting.get(entry.d.id);
        if (before !== undefined) this.#deliveries.gone(before);
        waiting.set(entry.d.id, this.#deliveries.make(entry, position, body));
        break;
      }
      case "settle": {
        const waiting = this.#scheduler.find(entry.i)?.waiting;
        const item = waiting?.get(entry.id);
        if (waiting === undefined || item === undefined) break;
        if (entry.next.state === "retry") {
          afterAttempt(item, entry);
          item.dueAt = entry.next.at;
        } else {
          if (isNew) this.#archive(item, entry);
          this.#deliveries.gone(item);
          waiting.delete(entry.id);
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
    const { clock, files } = this.#core;
    const now = clock.now();
    for (const lane of this.#scheduler.lanes()) {
      const document = files.peek(lane.integration)?.document;
      if (document !== undefined) {
        lane.pause = document.pause;
        if (document.state.status === "disabled") lane.hold(document.state.since);
      }
      for (const item of lane.waiting.values()) {
        if (item.attempts > 0 && item.dueAt <= now) item.dueAt = now + this.#random() * SPREAD_OVERDUE_MS;
      }
      sortBySequence(lane.waiting);
      lane.rebuild(now);
      this.#scheduler.touch(lane);
    }
  }

  #accepted(entry: AcceptEntry & { n: number }, position: Position, body: string): void {
    const { i } = entry;
    const { clock, files } = this.#core;
    const now = clock.now();
    const known = this.#scheduler.find(i);
    const lane = known ?? this.#scheduler.lane(i, now);
    if (known === undefined) {
      const document = files.peek(i)?.document;
      if (document !== undefined) {
        lane.pause = document.pause;
        if (document.state.status === "disabled") lane.hold(document.state.since);
      }
    }
    lane.add(this.#deliveries.make(entry, position, body), now);
    this.#scheduler.touch(lane);
    this.#tell();
  }

  #settled(entry: SettleEntry): void {
    const { clock, files } = this.#core;
    const lane = this.#scheduler.find(entry.i);
    const item = lane?.waiting.get(entry.id);
    if (lane === undefined || item === undefined) return;
    const now = clock.now();
    item.settling = false;
    if (entry.next.state === "retry") {
      afterAttempt(item, entry);
      this.#deliveries.forgetWhole(item);
      lane.retry(item, entry.next.at, now);
    } else {
      this.#archive(item, entry);
      if (entry.attempt === null && entry.next.state === "given-up") {
        this.#givenUp.push({ delivery: this.#deliveries.whole(item), gaveUp: entry.next.gaveUp });
      }
      lane.remove(item, now);
      this.#deliveries.gone(item);
    }
    lane.pause = files.peek(entry.i)?.document.pause ?? lane.pause;
    this.#scheduler.touch(lane);
    this.#tell();
  }

  /** Disabled: what waits is held. Enabled again: it goes out as if it had come just now. */
  #statusChanged({ i, transition, heldSince }: TransitionEntry): void {
    const { files } = this.#core;
    const lane = this.#scheduler.find(i);
    if (lane === undefined || transition.dryRun || transition.suspended) return;
    if (transition.to === "disabled") {
      lane.hold(transition.at);
    } else if (transition.from === "disabled") {
      const generation = files.peek(i)?.document.state.generation ?? 1;
      lane.hold(heldSince ?? transition.at);
      for (const item of lane.waiting.values()) {
        if (item.place === "claimed") continue;
        item.attempts = 0;
        item.localFailures = 0;
        item.generation = generation;
      }
      lane.letGo(transition.at);
      lane.pause = files.peek(i)?.document.pause ?? lane.pause;
    }
    this.#scheduler.touch(lane);
    this.#tell();
  }

  #archive(item: WaitingDelivery, { i, at, kind, next }: SettleEntry): void {
    const loaded = this.#core.files.peek(i);
    if (loaded === undefined || kind === "test" || next.state === "retry") return;
    const { keepDelivered } = this.#core.settings;
    const gaveUp = next.state === "given-up" ? next.gaveUp : null;
    loaded.pendingArchive.push({ position: item.position, settledAt: at, gaveUp });
    loaded.needs = Math.min(loaded.needs ?? item.position.segment, item.position.segment);
    trimDelivered(loaded, keepDelivered);
  }

  #readWhole(lane: Lane<WaitingDelivery>, item: WaitingDelivery, into: StoredDelivery[]): void {
    try {
      into.push(this.#deliveries.whole(item));
    } catch (error) {
      // It stays on disk as it is; without its bytes there is nothing to send.
      const problem = error instanceof Error ? error.message : String(error);
      const { condition, folder } = this.#core;
      condition.damaged({ file: `${folder}/journal`, keptAs: `${folder}/journal`, problem });
      lane.remove(item, this.#core.clock.now());
    }
  }

  async #giveUp(item: WaitingDelivery, gaveUp: GaveUp): Promise<void> {
    await this.settle({
      integration: item.integration,
      id: item.id,
      attempt: null,
      next: { state: "given-up", gaveUp },
    });
  }

  async #keep(item: WaitingDelivery): Promise<void> {
    const { body, ...head } = this.#deliveries.whole(item);
    const { sequence, dueAt } = item;
    const entry: AcceptEntry = { t: "keep", i: item.integration, d: { ...head, dueAt }, sequence };
    if (item.place !== "claimed") this.#deliveries.forgetWhole(item);
    await this.#core.write(entry, body);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
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

/** Deliveries that were moved forward in the journal come later in it than they were accepted. */
function sortBySequence(waiting: Map<string, WaitingDelivery>): void {
  const sorted = Array.from(waiting.values()).sort((a, b) => a.sequence - b.sequence);
  waiting.clear();
  for (const item of sorted) waiting.set(item.id, item);
}

/** Of delivered ones, only the last few are kept: the others need not wait for a checkpoint to be forgotten. */
function trimDelivered(loaded: LoadedIntegration, keepDelivered: number): void {
  const { pendingArchive } = loaded;
  if (pendingArchive.length < 2 * keepDelivered + 16) return;
  let surplus = pendingArchive.filter(({ gaveUp }) => gaveUp === null).length - keepDelivered;
  loaded.pendingArchive = pendingArchive.filter(({ gaveUp }) => {
    if (gaveUp !== null || surplus <= 0) return true;
    surplus -= 1;
    return false;
  });
}

function sameSettings(a: SealedIntegration, b: SealedIntegration | null): boolean {
  return b !== null && JSON.stringify(a) === JSON.stringify(b);
}
