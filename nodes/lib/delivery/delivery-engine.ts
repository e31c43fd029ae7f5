import { randomBytes } from "node:crypto";
import type { LiveIntegration } from "../integration/integration-spec";
import type { Clock, Random } from "../time/clock";
import { HOUR_MS } from "../time/utc-day";
import { quoteValue } from "../validation/invalid-fields-error";
import type { Webhook } from "../wire/webhook";
import { testBody } from "../wire/webhook-body";
import { webhookId } from "../wire/webhook-id";
import type { Attempt, DeliveryKind, GaveUp } from "./attempt";
import type { ArchivedDelivery, DeliveryLog } from "./delivery-log";
import type { IntegrationDirectory } from "./integration-directory";
import { LaneNews } from "./lane-news";
import { lanePolicy } from "./lane-policy";
import { type MadeAttempt, makeAttempt, unsendable } from "./make-attempt";
import { nextStep } from "./next-step";
import type { LaneReport, Next, Origin, Outbox, StoredDelivery } from "./outbox";
import { OutcomeListeners } from "./outcome-listeners";
import { matchesReplay, type ReplayFilter } from "./replay-filter";
import type { DeliveryReport } from "./report";
import { maxAttempts } from "./retry-schedule";
import type { Transport } from "./transport";

/** A webhook names an integration of which no settings are known. */
export class UnknownIntegrationError extends Error {
  override readonly name = "UnknownIntegrationError";
  constructor(integration: string) {
    super(
      `msg.webhook.integration is ${quoteValue(integration)}, expected the id of a deployed webhook-integration node, or msg.webhook.settings as comment-webhook-build makes them`,
    );
  }
}

export interface EngineParts {
  store: Outbox & DeliveryLog;
  directory: IntegrationDirectory;
  transport: Transport;
  clock: Clock;
  random: Random;
}

/** Attempts under way at the same time, over all lanes; each lane has its own, smaller limit. */
const MOST_IN_FLIGHT = 1_024;
const CLAIMED_AT_ONCE = 128;

/**
 * Sends what the store lets leave: claims, signs, sends, settles, tells. Belongs to the process, not to a node; nodes come
 * and go with deploys while attempts go on.
 */
export class DeliveryEngine {
  readonly #store: Outbox & DeliveryLog;
  readonly #directory: IntegrationDirectory;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #outcomes = new OutcomeListeners();
  readonly #news: LaneNews;
  readonly #inFlight = new Map<StoredDelivery, Promise<void>>();
  #running = false;
  #pumping: Promise<void> | null = null;
  #again = false;
  #cancelTimer: (() => void) | null = null;
  #unsubscribe: (() => void)[] = [];

  constructor({ store, directory, transport, clock, random }: EngineParts) {
    this.#store = store;
    this.#directory = directory;
    this.#transport = transport;
    this.#clock = clock;
    this.#random = random;
    this.#news = new LaneNews(clock, () => store.lanes());
  }

  /** Begins to claim and send. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#unsubscribe = [
      this.#store.onClaimable(() => this.#wake()),
      this.#directory.onChange((id) => this.#settingsChanged(id)),
    ];
    for (const { spec } of this.#directory.list()) this.#store.configure(spec.id, lanePolicy(spec));
    this.#wake();
  }

  /** Starts no new attempt, waits at most `graceMs` for those in flight, and gives the rest back to the store. */
  async stop(graceMs: number): Promise<void> {
    this.#running = false;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#news.stop();
    await this.#pumping;
    if (this.#inFlight.size === 0) return;
    let cancel = (): void => undefined;
    const graceOver = new Promise<void>((resolve) => {
      cancel = this.#clock.schedule(graceMs, resolve);
    });
    await Promise.race([Promise.allSettled(this.#inFlight.values()), graceOver]);
    cancel();
    await this.#store.release([...this.#inFlight.keys()]);
  }

  /**
   * Keeps a webhook until it is delivered or given up. Resolves when it survives the death of the process.
   *
   * @param bodyText the body as it will be signed and sent
   * @throws UnknownIntegrationError, NotAcceptedError
   */
  async accept(
    webhook: Webhook,
    bodyText: string,
    origin: Origin,
    kind: DeliveryKind = "event",
  ): Promise<"accepted" | "duplicate"> {
    const { id, event, integration, orderKey, settings } = webhook;
    const { spec } = this.#deployedOrGiven(webhook);
    const delivery = { integration, id, kind, event, orderKey, scheme: spec.scheme, body: bodyText, origin };
    return await this.#store.accept(settings === undefined ? delivery : { ...delivery, settings });
  }

  /** Hands outcomes of webhooks that were accepted by `node` to `listener`. Returns the function that ends it. */
  attach(node: string, listener: (report: DeliveryReport) => void): () => void {
    return this.#outcomes.attach(node, listener);
  }

  /** Tells how lanes are, now and then while something changes. Returns the function that ends it. */
  onLanes(listener: (lanes: LaneReport[]) => void): () => void {
    return this.#news.listen(listener);
  }

  /** Sends a signed test event, outside the order and never counted. Resolves with its webhook id. */
  async test(integration: string, origin: Origin): Promise<string> {
    const live = await this.#live(integration);
    if (live === null) throw new UnknownIntegrationError(integration);
    const id = webhookId(null, randomBytes);
    const body = testBody(live.spec, new Date(this.#clock.now()).toISOString());
    const webhook: Webhook = { id, event: "webhook.test", integration, orderKey: id, body };
    await this.#store.accept({
      ...{ integration, id, kind: "test", event: webhook.event, orderKey: id },
      ...{ scheme: live.spec.scheme, body: JSON.stringify(body), origin },
    });
    return id;
  }

  /**
   * Sends archived webhooks again, signed afresh, with the same ids, never counted. What became of a webhook last is what
   * the filter sees, so that one that was delivered since is not among those given up. Resolves with how many.
   */
  async redeliver(integration: string, filter: ReplayFilter): Promise<number> {
    const latest = new Map<string, ArchivedDelivery>();
    for (const archived of await this.#store.archive(integration)) {
      if (!latest.has(archived.delivery.id)) latest.set(archived.delivery.id, archived);
    }
    const chosen = [...latest.values()].filter((archived) => matchesReplay(archived, filter));
    let count = 0;
    for (const { delivery } of chosen.reverse()) {
      const { id, event, orderKey, scheme, body, origin } = delivery;
      const again = { integration, id, kind: "replay", event, orderKey, scheme, body, origin } as const;
      if ((await this.#store.accept(again)) === "accepted") count += 1;
    }
    return count;
  }

  /** Gives up all that waits for an integration. Resolves with how many. */
  async discard(integration: string): Promise<number> {
    const count = await this.#store.discard(integration);
    this.#wake();
    return count;
  }

  #deployedOrGiven({ integration, settings }: Webhook): Pick<LiveIntegration, "spec"> {
    if (settings !== undefined) return { spec: settings };
    const deployed = this.#directory.get(integration);
    if (deployed === undefined) throw new UnknownIntegrationError(integration);
    return deployed;
  }

  #wake(): void {
    if (!this.#running) return;
    this.#news.soon();
    this.#again = true;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
      // Woken after it had looked for the last time.
      if (this.#again) this.#wake();
    });
  }

  async #pump(): Promise<void> {
    while (this.#again && this.#running) {
      this.#again = false;
      const room = Math.min(CLAIMED_AT_ONCE, MOST_IN_FLIGHT - this.#inFlight.size);
      // A settlement wakes the pump again.
      if (room <= 0) return;
      const { deliveries, givenUp, nextDueAt } = await this.#store.claim(room);
      for (const { delivery, gaveUp } of givenUp) this.#tellGivenUp(delivery, gaveUp);
      if (!this.#running) {
        await this.#store.release(deliveries);
        return;
      }
      for (const delivery of deliveries) this.#begin(delivery);
      if (deliveries.length === room) this.#again = true;
      this.#cancelTimer?.();
      this.#cancelTimer = null;
      if (nextDueAt !== null && !this.#again) {
        this.#cancelTimer = this.#clock.schedule(Math.max(1, nextDueAt - this.#clock.now()), () => this.#wake());
      }
    }
  }

  #begin(delivery: StoredDelivery): void {
    // A store that is closed meanwhile refuses to settle: the delivery is still on disk, and the next start finds it.
    const attempt = this.#deliver(delivery)
      .catch(() => undefined)
      .finally(() => {
        const wasFull = this.#inFlight.size === MOST_IN_FLIGHT;
        this.#inFlight.delete(delivery);
        if (wasFull) this.#wake();
      });
    this.#inFlight.set(delivery, attempt);
  }

  async #deliver(delivery: StoredDelivery): Promise<void> {
    const { integration } = delivery;
    let live: LiveIntegration | null = null;
    let made: MadeAttempt;
    try {
      live = this.#directory.get(integration) ?? (await this.#live(integration));
      if (live === null) {
        // Its node was removed: what waits stays, until the node is back or someone discards it.
        this.#store.configure(integration, null);
        await this.#store.release([delivery]);
        return;
      }
      made = await makeAttempt(delivery, live, this.#transport, this.#clock);
    } catch {
      made = unsendable(delivery, this.#clock.now());
    }
    await this.#settle(delivery, made, live);
  }

  async #settle(
    delivery: StoredDelivery,
    { attempt, result }: MadeAttempt,
    live: LiveIntegration | null,
  ): Promise<void> {
    const { retries: plan, maxAgeHours } = live?.spec ?? { retries: "standard", maxAgeHours: 96 };
    const now = this.#clock.now();
    const next = nextStep({ delivery, result, plan, maxAgeMs: maxAgeHours * HOUR_MS, now, random: this.#random });
    await this.#store.settle({ integration: delivery.integration, id: delivery.id, attempt, next });
    this.#report(delivery, attempt, next, maxAttempts(plan));
  }

  #report(delivery: StoredDelivery, attempt: Attempt | null, next: Next, attempts: number): void {
    this.#outcomes.tell({
      result: next.state === "retry" ? "retrying" : next.state,
      delivery,
      attempt,
      gaveUp: next.state === "given-up" ? next.gaveUp : null,
      maxAttempts: attempts,
      nextAttemptAt: next.state === "retry" ? next.at : null,
    });
  }

  #tellGivenUp(delivery: StoredDelivery, gaveUp: GaveUp): void {
    const plan = this.#directory.get(delivery.integration)?.spec.retries ?? "standard";
    this.#report(delivery, null, { state: "given-up", gaveUp }, maxAttempts(plan));
  }

  /** The settings of an integration as they are now; null if none are known. Throws if they cannot be read. */
  async #live(integration: string): Promise<LiveIntegration | null> {
    const deployed = this.#directory.get(integration);
    if (deployed !== undefined) return deployed;
    const sealed = await this.#store.settings(integration);
    return sealed === null ? null : this.#directory.unseal(sealed);
  }

  #settingsChanged(integration: string): void {
    const live = this.#directory.get(integration);
    this.#transport.forget(integration);
    if (live === undefined) {
      this.#store.configure(integration, null);
      return;
    }
    this.#store.configure(integration, lanePolicy(live.spec));
    // An address that is allowed by now, a secret, another proxy: what waited for that need not wait any longer.
    this.#store.retryLocalFailures(integration);
  }
}
