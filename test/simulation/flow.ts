import { deliveryMessage } from "../../nodes/host/delivery-message";
import { countedOutcome } from "../../nodes/integration-health-check/counted-outcome";
import { type Finding, HealthCheck } from "../../nodes/integration-health-check/health-check";
import { readHealthSettings } from "../../nodes/integration-health-check/read-health-settings";
import type { DeliveryEngine } from "../../nodes/lib/delivery/delivery-engine";
import type { DeliveryReport } from "../../nodes/lib/delivery/report";
import type { Transition } from "../../nodes/lib/health/integration-ledger";
import type { LiveIntegration } from "../../nodes/lib/integration/integration-spec";
import { Notifier } from "../../nodes/lib/notify/notifier";
import type { OwnerMailer } from "../../nodes/lib/notify/owner-mailer";
import type { Store } from "../../nodes/lib/store/store";
import type { Clock, Random } from "../../nodes/lib/time/clock";
import { integrationFacts } from "../../nodes/notify-owners/integration-facts";
import type { Stillness } from "./stillness";

export interface FlowParts {
  /** Of its nodes: they are called `send-<name>` and so on. */
  name: string;
  /** Properties of the health check's node. */
  health: Readonly<Record<string, unknown>>;
  store: Store;
  engine: DeliveryEngine;
  integrations: ReadonlyMap<string, LiveIntegration>;
  mailer: OwnerMailer;
  clock: Clock;
  random: Random;
  stillness: Stillness;
  newEpisodeId: () => string;
  /** An attempt's outcome, or a delivery given up, before anything is decided on it. */
  reported: (report: DeliveryReport) => void;
  /** A change is known to the flow. False if the process ends before anyone is told. */
  changed: (integration: string, transition: Transition) => boolean;
  failed: (error: Error) => void;
}

/** What webhook-send, integration-health-check and notify-owners do in one flow, wired one after the other. */
export class Flow {
  readonly #parts: FlowParts;
  readonly #check: HealthCheck;
  readonly #notifier: Notifier;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    const { name, health, store, mailer, clock, random, newEpisodeId, failed } = parts;
    const settings = readHealthSettings(health);
    this.#check = new HealthCheck({ settings, node: `check-${name}`, clock, newEpisodeId });
    this.#notifier = new Notifier({
      ...{ queue: store, mailer, node: `notify-${name}`, clock, random, recipients: [], baseUrl: "", templates: {} },
      ...{ kinds: ["at-risk", "disabled", "active"], onNotification: () => undefined, onError: failed },
    });
  }

  /** Id of its webhook-send. */
  get sender(): string {
    return `send-${this.#parts.name}`;
  }

  async start(): Promise<void> {
    const { name, store, engine, stillness, reported, failed } = this.#parts;
    engine.attach(this.sender, (report) => {
      reported(report);
      stillness.track(this.#decide(report)).catch(failed);
    });
    await this.#notifier.start();
    for (const { integration, transition } of await store.unclaimedTransitions(`check-${name}`)) {
      if (transition.at < this.#check.startedAt) await this.#notify(integration, transition);
    }
  }

  async command(integration: string, command: "enable" | "disable", by: string): Promise<void> {
    await this.#tell(await this.#check.command(this.#parts.store, integration, command, by));
  }

  async stop(): Promise<void> {
    await this.#notifier.stop();
  }

  async #decide(report: DeliveryReport): Promise<void> {
    const { store } = this.#parts;
    const { integration } = report.delivery;
    const { generation } = await store.state(integration);
    const outcome = countedOutcome(deliveryMessage(report), generation);
    await this.#tell(await this.#check.afterOutcome(store, integration, outcome));
  }

  async #tell({ state, news }: Finding): Promise<void> {
    for (const transition of news) {
      if (this.#parts.changed(state.integration, transition)) await this.#notify(state.integration, transition);
    }
  }

  async #notify(integration: string, transition: Transition): Promise<void> {
    const spec = this.#parts.integrations.get(integration)?.spec;
    const owners = spec?.owners ?? [];
    await this.#notifier.notify({ integration: integrationFacts(integration, spec, 0), owners, transition });
  }
}
