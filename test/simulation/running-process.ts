import fs from "node:fs";
import path from "node:path";
import { DeliveryEngine } from "../../nodes/lib/delivery/delivery-engine";
import type { StoredDelivery } from "../../nodes/lib/delivery/outbox";
import type { Transition } from "../../nodes/lib/health/integration-ledger";
import { openStore } from "../../nodes/lib/store/open-store";
import type { Store } from "../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import type { Clock } from "../../nodes/lib/time/clock";
import { copyAsLeft } from "../lib/store/lowdb/copy-as-left";
import { directoryOf } from "./directory-of";
import { Flow, type FlowParts } from "./flow";
import { type Call, ScriptedTransport } from "./scripted-transport";

export interface ProcessParts extends Omit<FlowParts, "name" | "store" | "engine" | "newEpisodeId"> {
  folder: string;
  called: (call: Call) => void;
  /** A delivery is about to be sent. */
  claimed: (delivery: StoredDelivery) => void;
  /** A change is on disk. */
  written: (integration: string, transition: Transition) => void;
}

/** One life of a process that runs the whole pipeline over a store's folder. */
export class RunningProcess {
  readonly store: Store;
  readonly engine: DeliveryEngine;
  readonly flow: Flow;
  readonly #parts: ProcessParts;
  readonly #clock: MortalClock;

  private constructor(parts: ProcessParts, clock: MortalClock, store: Store) {
    const { folder, integrations, random, stillness, called } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.store = spied(stillness.watch(store), parts);
    this.engine = new DeliveryEngine({
      ...{ store: this.store, directory: directoryOf(integrations), transport: new ScriptedTransport(called) },
      ...{ clock, random },
    });
    const newEpisodeId = newIds(`${path.basename(folder)}-${clock.now()}`);
    this.flow = new Flow({ ...parts, name: "year", store: this.store, engine: this.engine, clock, newEpisodeId });
  }

  static async start(parts: ProcessParts): Promise<RunningProcess> {
    const clock = new MortalClock(parts.clock);
    const { folder, random } = parts;
    const store = await openStore({ path: folder, settings: DEFAULT_STORE_SETTINGS, clock, random });
    const running = new RunningProcess(parts, clock, store);
    await running.flow.start();
    running.engine.start();
    return running;
  }

  /** Ends in good order; what is in flight is given back. */
  async close(): Promise<void> {
    let isStopped = false;
    const stopped = Promise.all([this.engine.stop(0), this.flow.stop()]).finally(() => {
      isStopped = true;
    });
    while (!isStopped) {
      this.#clock.fire();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stopped;
    this.#clock.end();
    await this.store.close();
  }

  /** Ends at once. Returns the folder as it is left, elsewhere. */
  async crash(): Promise<string> {
    this.#clock.end();
    const { folder } = this.#parts;
    const left = `${folder}+`;
    copyAsLeft(folder, left);
    await this.store.close();
    fs.rmSync(folder, { recursive: true });
    return left;
  }
}

/** The same store; whoever asks is told what is claimed from it and which changes are written to it. */
function spied(store: Store, { claimed, written }: Pick<ProcessParts, "claimed" | "written">): Store {
  const claim: Store["claim"] = async (limit) => {
    const claims = await store.claim(limit);
    for (const delivery of claims.deliveries) claimed(delivery);
    return claims;
  };
  const transition: Store["transition"] = async (integration, revision, change) => {
    const made = await store.transition(integration, revision, change);
    if (made !== null) written(integration, made);
    return made;
  };
  const spies: Record<string | symbol, unknown> = { claim, transition };
  return new Proxy(store, { get: (target, key) => spies[key] ?? Reflect.get(target, key) });
}

/** A clock whose timers end with the process that set them. */
class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Map<() => void, () => void>();
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  schedule(delayMs: number, callback: () => void): () => void {
    if (this.#ended) return () => undefined;
    const fire = () => {
      this.#timers.delete(fire);
      callback();
    };
    const cancel = this.#clock.schedule(delayMs, fire);
    this.#timers.set(fire, cancel);
    return () => {
      this.#timers.delete(fire);
      cancel();
    };
  }

  /** Lets all that is waited for happen now. */
  fire(): void {
    for (const [fire, cancel] of [...this.#timers]) {
      cancel();
      fire();
    }
  }

  end(): void {
    this.#ended = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

function newIds(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${++count}`;
}
