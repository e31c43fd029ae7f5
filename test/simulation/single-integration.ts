import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DeliveryEngine } from "../../nodes/lib/delivery/delivery-engine";
import type { DeliveryReport } from "../../nodes/lib/delivery/report";
import type { HealthStatus, IntegrationState } from "../../nodes/lib/health/integration-ledger";
import { parseIntegration } from "../../nodes/lib/integration/parse-integration";
import type { OutgoingMail } from "../../nodes/lib/notify/owner-mailer";
import { openStore } from "../../nodes/lib/store/open-store";
import type { Store } from "../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { FakeClock } from "../fixtures/fake-clock";
import { seededRandom } from "../fixtures/seeded-random";
import { directoryOf } from "./directory-of";
import { Flow } from "./flow";
import type { Answer } from "./health-model";
import { type Call, resultOf, ScriptedTransport } from "./scripted-transport";
import { Stillness } from "./stillness";

const ID = "shop";

export interface SingleIntegrationOptions {
  /** Names of the flows that send to it; each checks and tells by itself. */
  flows: readonly string[];
  /** Properties of the health checks' nodes. */
  health: Readonly<Record<string, unknown>>;
  /** Properties of the integration. */
  properties: Readonly<Record<string, unknown>>;
}

/** One integration on a store of its own, whose receiver answers when it is told to. */
export class SingleIntegration {
  readonly clock: FakeClock;
  readonly calls: Call[] = [];
  readonly mails: OutgoingMail[] = [];
  readonly failures: Error[] = [];
  /** What each flow told, oldest first. */
  readonly told: HealthStatus[][] = [];
  readonly reports: DeliveryReport[] = [];
  readonly flows: Flow[];
  /** Changes that were decided when another had been written already. */
  beaten = 0;
  readonly #folder: string;
  readonly #store: Store;
  readonly #engine: DeliveryEngine;
  readonly #random = seededRandom(2);
  readonly #stillness = new Stillness();
  #webhooks = 0;

  private constructor(
    folder: string,
    clock: FakeClock,
    opened: Store,
    { flows, health, properties }: SingleIntegrationOptions,
  ) {
    this.clock = clock;
    const random = this.#random;
    this.#folder = folder;
    this.#store = this.#countBeaten(this.#stillness.watch(opened));
    const spec = parseIntegration({ id: ID, url: "https://shop.example/hooks", ...properties }, ID);
    const secrets = { secret: `whsec_${Buffer.alloc(32).toString("base64")}`, previousSecret: "", headers: {} };
    const integrations = new Map([[ID, { spec, secrets, tls: null, proxy: null }]]);
    const transport = new ScriptedTransport((call) => this.calls.push(call));
    const store = this.#store;
    this.#engine = new DeliveryEngine({ store, directory: directoryOf(integrations), transport, clock, random });
    const mailer = {
      send: async (mail: OutgoingMail) => {
        this.mails.push(mail);
        return { accepted: true } as const;
      },
      close: async () => undefined,
    };
    this.flows = flows.map((name) => {
      const told: HealthStatus[] = [];
      this.told.push(told);
      let episodes = 0;
      return new Flow({
        ...{ name, health, store, engine: this.#engine, integrations, mailer, clock, random },
        stillness: this.#stillness,
        newEpisodeId: () => `${name}-${++episodes}`,
        reported: (report) => this.reports.push(report),
        changed: (_, { to }) => told.push(to) > 0,
        failed: (error) => this.failures.push(error),
      });
    });
  }

  static async open(options: SingleIntegrationOptions): Promise<SingleIntegration> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cw-single-"));
    const clock = new FakeClock();
    const store = await openStore({ path: folder, settings: DEFAULT_STORE_SETTINGS, clock, random: seededRandom(1) });
    const single = new SingleIntegration(folder, clock, store, options);
    for (const flow of single.flows) await flow.start();
    single.#engine.start();
    return single;
  }

  state(): Promise<IntegrationState> {
    return this.#store.state(ID);
  }

  /** Resolves when nothing more happens without time or an answer. */
  async still(): Promise<void> {
    await this.#stillness.still();
  }

  /** Each flow sends so many webhooks. Resolves when all that may leave has left. */
  async send(count = 1): Promise<void> {
    const accepted = this.flows.flatMap(({ sender }) =>
      Array.from({ length: count }, () => {
        const id = `msg_${++this.#webhooks}`;
        const webhook = { id, event: "comment.created", integration: ID, orderKey: id, body: {} } as const;
        return this.#engine.accept(webhook, "{}", { node: sender, msgid: id });
      }),
    );
    await Promise.all(accepted);
    await this.#stillness.still();
  }

  /** The receiver answers all that it was sent, and what is sent in consequence. Resolves with how many there were. */
  async answerAll(answer: Answer): Promise<number> {
    let count = 0;
    for (let calls = this.calls.splice(0); calls.length > 0; calls = this.calls.splice(0)) {
      count += calls.length;
      for (const call of calls) call.answer(resultOf(answer, this.clock.now(), this.#random));
      await this.#stillness.still();
    }
    return count;
  }

  /** People give the same command at the same moment, one in each flow. */
  async command(command: "enable" | "disable", by: string): Promise<void> {
    await Promise.all(this.flows.map((flow) => flow.command(ID, command, by)));
    await this.#stillness.still();
  }

  async close(): Promise<void> {
    await Promise.all([this.#engine.stop(0), ...this.flows.map((flow) => flow.stop())]);
    await this.#store.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #countBeaten(store: Store): Store {
    const transition: Store["transition"] = async (...change) => {
      const written = await store.transition(...change);
      if (written === null) this.beaten += 1;
      return written;
    };
    return new Proxy(store, { get: (target, key) => (key === "transition" ? transition : Reflect.get(target, key)) });
  }
}
