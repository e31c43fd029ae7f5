import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DeliveryEngine } from "../../../nodes/lib/delivery/delivery-engine";
import type { Origin } from "../../../nodes/lib/delivery/outbox";
import type { DeliveryReport } from "../../../nodes/lib/delivery/report";
import type { Transport, TransportResult } from "../../../nodes/lib/delivery/transport";
import type {
  IntegrationSpec,
  LiveIntegration,
  SealedIntegration,
} from "../../../nodes/lib/integration/integration-spec";
import { openStore } from "../../../nodes/lib/store/open-store";
import type { Store } from "../../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../../nodes/lib/store/store-settings";
import type { Random } from "../../../nodes/lib/time/clock";
import type { OutgoingRequest } from "../../../nodes/lib/wire/outgoing-request";
import type { Webhook } from "../../../nodes/lib/wire/webhook";
import { FakeClock } from "../../fixtures/fake-clock";
import { sealedIntegration, unique } from "../store/sample-delivery";
import { turns } from "./until";

export const NODE = "node-1";
const ORIGIN: Origin = { node: NODE, msgid: "m1", topic: "t", carry: { tenant: 7 } };

export const OK: TransportResult = {
  outcome: "success",
  reason: null,
  statusCode: 200,
  responseHeaders: { server: "receiver" },
  responseBody: "thanks",
  retryAfterMs: null,
  abortMessage: false,
  fatalSignal: null,
};
export const FAILED: TransportResult = { ...OK, outcome: "error", reason: "http-500", statusCode: 500 };

export interface SentRequest {
  request: OutgoingRequest;
  integration: LiveIntegration;
  /** By the clock. */
  at: number;
}

/** An engine on a real store, with a transport that answers as the test wants, and a clock that stands still. */
export class EngineUnderTest {
  readonly clock = new FakeClock();
  readonly sent: SentRequest[] = [];
  readonly reports: DeliveryReport[] = [];
  readonly forgotten: string[] = [];
  readonly deployed = new Map<string, LiveIntegration>();
  /** What is answered; a promise that does not end is a receiver that hangs. */
  answer: (sent: SentRequest) => TransportResult | Promise<TransportResult> = () => OK;
  unseal: (sealed: SealedIntegration) => LiveIntegration = ({ sealedSecrets, ...spec }) => ({
    ...{ spec, secrets: { secret: sealedSecrets ?? "", previousSecret: "", headers: {} }, tls: null, proxy: null },
  });
  /** The middle: no jitter. */
  random: Random = () => 0.5;
  readonly #folder: string;
  readonly #watchers = new Set<(id: string) => void>();
  #store: Store | null = null;
  #engine: DeliveryEngine | null = null;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<EngineUnderTest> {
    const made = new EngineUnderTest(await fs.mkdtemp(path.join(os.tmpdir(), "store-")));
    made.deploy("one");
    await made.open();
    made.engine.start();
    return made;
  }

  get store(): Store {
    if (this.#store === null) throw new Error("not open");
    return this.#store;
  }

  get engine(): DeliveryEngine {
    if (this.#engine === null) throw new Error("not open");
    return this.#engine;
  }

  async open(): Promise<void> {
    const { clock } = this;
    this.#store = await openStore({ path: this.#folder, settings: DEFAULT_STORE_SETTINGS, clock, random: () => 0 });
    this.#engine = this.anotherEngine();
    this.#engine.attach(NODE, (report) => this.reports.push(report));
  }

  /** An engine on the same store. */
  anotherEngine(): DeliveryEngine {
    const transport: Transport = {
      send: async (request, integration) => {
        const sent = { request, integration, at: this.clock.now() };
        this.sent.push(sent);
        return await this.answer(sent);
      },
      forget: (integration) => this.forgotten.push(integration),
      close: async () => undefined,
    };
    const directory = {
      get: (id: string) => this.deployed.get(id),
      unseal: (sealed: SealedIntegration) => this.unseal(sealed),
      list: () => [...this.deployed.values()],
      onChange: (watcher: (id: string) => void) => {
        this.#watchers.add(watcher);
        return () => this.#watchers.delete(watcher);
      },
    };
    const random = () => this.random();
    return new DeliveryEngine({ store: this.store, directory, transport, clock: this.clock, random });
  }

  async close(): Promise<void> {
    let stopped = false;
    const stopping = this.#engine?.stop(0).then(() => {
      stopped = true;
    });
    while (stopping !== undefined && !stopped) {
      await turns(1);
      this.clock.advance(0);
    }
    await this.#store?.close();
  }

  async end(): Promise<void> {
    await this.close();
    await fs.rm(this.#folder, { recursive: true, force: true });
  }

  /** Closes all and opens it again, as a restart does. */
  async restart(): Promise<void> {
    await this.close();
    await this.open();
    this.engine.start();
  }

  deploy(id: string, changes: Partial<IntegrationSpec> = {}, secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"): void {
    const { sealedSecrets: _, ...spec } = sealedIntegration(id, changes);
    this.deployed.set(id, { spec, secrets: { secret, previousSecret: "", headers: {} }, tls: null, proxy: null });
    for (const watcher of this.#watchers) watcher(id);
  }

  undeploy(id: string): void {
    this.deployed.delete(id);
    for (const watcher of this.#watchers) watcher(id);
  }

  async accept(changes: Partial<Webhook> = {}, origin: Partial<Origin> = {}): Promise<string> {
    const number = unique();
    const webhook: Webhook = {
      ...{ id: `msg_${number}`, event: "comment.created", integration: "one", orderKey: `comment-${number}` },
      ...{ body: { number }, ...changes },
    };
    await this.engine.accept(webhook, JSON.stringify(webhook.body), { ...ORIGIN, ...origin });
    return webhook.id;
  }

  waiting(integration = "one"): number {
    return this.store.lanes().find((lane) => lane.integration === integration)?.waiting ?? 0;
  }
}
