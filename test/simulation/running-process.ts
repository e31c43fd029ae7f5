import fs from "node:fs";
import path from "node:path";
import { deliveryMessage } from "../../nodes/host/delivery-message";
import { countedOutcome } from "../../nodes/integration-health-check/counted-outcome";
import { type Finding, HealthCheck } from "../../nodes/integration-health-check/health-check";
import { readHealthSettings } from "../../nodes/integration-health-check/read-health-settings";
import { DeliveryEngine } from "../../nodes/lib/delivery/delivery-engine";
import type { StoredDelivery } from "../../nodes/lib/delivery/outbox";
import type { DeliveryReport } from "../../nodes/lib/delivery/report";
import type { IntegrationState, Transition } from "../../nodes/lib/health/integration-ledger";
import type { LiveIntegration } from "../../nodes/lib/integration/integration-spec";
import { Notifier } from "../../nodes/lib/notify/notifier";
import { openStore } from "../../nodes/lib/store/open-store";
import type { Store } from "../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import type { Clock, Random } from "../../nodes/lib/time/clock";
import { integrationFacts } from "../../nodes/notify-owners/integration-facts";
import type { RecordingMailer } from "./recording-mailer";
import { type Call, ScriptedTransport } from "./scripted-transport";
import type { Stillness } from "./stillness";

/** Ids of the nodes; a test event's answer comes back to another than a comment's. */
export const NODES = { send: "send", test: "test", check: "check", notify: "notify" } as const;

export interface ProcessParts {
  folder: string;
  /** Properties of the health check's node. */
  health: Readonly<Record<string, unknown>>;
  integrations: ReadonlyMap<string, LiveIntegration>;
  clock: Clock;
  random: Random;
  stillness: Stillness;
  mailer: RecordingMailer;
  /** A delivery is about to be sent. */
  claimed: (delivery: StoredDelivery) => void;
  called: (call: Call) => void;
  /** An attempt's outcome, or a delivery given up, before anything is decided on it. */
  reported: (report: DeliveryReport) => void;
  /** A change is on disk. */
  written: (integration: string, transition: Transition) => void;
  /** A change is known to the flow. False if the process ends before anyone is told. */
  changed: (integration: string, transition: Transition) => boolean;
  failed: (error: Error) => void;
}

/** One life of a process that runs the whole pipeline over a store's folder, as the nodes wire it. */
export class RunningProcess {
  readonly store: Store;
  readonly engine: DeliveryEngine;
  readonly #parts: ProcessParts;
  readonly #clock: MortalClock;
  readonly #health: HealthCheck;
  readonly #notifier: Notifier;

  private constructor(parts: ProcessParts, clock: MortalClock, store: Store) {
    const { health, integrations, random, stillness, mailer, claimed, called, written, failed } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.store = spied(stillness.watch(store), { claimed, written });
    const directory = {
      get: (id: string) => integrations.get(id),
      unseal: () => {
        throw new Error("all integrations are deployed");
      },
      list: () => [...integrations.values()],
      onChange: () => () => undefined,
    };
    const transport = new ScriptedTransport(called);
    this.engine = new DeliveryEngine({ store: this.store, directory, transport, clock, random });
    const settings = readHealthSettings(health);
    this.#health = new HealthCheck({ settings, node: NODES.check, clock, newEpisodeId: newIds(folderName(parts)) });
    this.#notifier = new Notifier({
      ...{ queue: this.store, mailer, node: NODES.notify, clock, random, recipients: [], baseUrl: "", templates: {} },
      ...{ kinds: ["at-risk", "disabled", "active"], onNotification: () => undefined, onError: failed },
    });
  }

  static async start(parts: ProcessParts): Promise<RunningProcess> {
    const clock = new MortalClock(parts.clock);
    const { folder, random } = parts;
    const store = await openStore({ path: folder, settings: DEFAULT_STORE_SETTINGS, clock, random });
    const running = new RunningProcess(parts, clock, store);
    await running.#begin();
    return running;
  }

  async command(integration: string, command: "enable" | "disable", by: string): Promise<IntegrationState> {
    return await this.#tell(await this.#health.command(this.store, integration, command, by));
  }

  /** Ends in good order; what is in flight is given back. */
  async close(): Promise<void> {
    let isStopped = false;
    const stopped = Promise.all([this.engine.stop(0), this.#notifier.stop()]).finally(() => {
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
    fs.cpSync(folder, left, { recursive: true, filter: (source) => path.basename(source) !== "lock" });
    await this.store.close();
    fs.rmSync(folder, { recursive: true });
    return left;
  }

  async #begin(): Promise<void> {
    const { stillness, reported, failed } = this.#parts;
    this.engine.attach(NODES.send, (report) => {
      reported(report);
      stillness.track(this.#decide(report)).catch(failed);
    });
    await this.#notifier.start();
    for (const { integration, transition } of await this.store.unclaimedTransitions(NODES.check)) {
      if (transition.at < this.#health.startedAt) await this.#notify(integration, transition);
    }
    this.engine.start();
  }

  async #decide(report: DeliveryReport): Promise<void> {
    const { integration } = report.delivery;
    const { generation } = await this.store.state(integration);
    const outcome = countedOutcome(deliveryMessage(report), generation);
    await this.#tell(await this.#health.afterOutcome(this.store, integration, outcome));
  }

  async #tell({ state, news }: Finding): Promise<IntegrationState> {
    for (const transition of news) {
      if (this.#parts.changed(state.integration, transition)) await this.#notify(state.integration, transition);
    }
    return state;
  }

  async #notify(integration: string, transition: Transition): Promise<void> {
    const spec = this.#parts.integrations.get(integration)?.spec;
    const owners = spec?.owners ?? [];
    await this.#notifier.notify({ integration: integrationFacts(integration, spec), owners, transition });
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

function folderName({ folder, clock }: ProcessParts): string {
  return `${path.basename(folder)}-${clock.now()}`;
}

function newIds(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${++count}`;
}
