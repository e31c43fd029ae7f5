import type { Attempt } from "../../../nodes/lib/delivery/attempt";
import type { Claims, LanePolicy, LaneState, NewDelivery, StoredDelivery } from "../../../nodes/lib/delivery/outbox";
import type { IntegrationState, NewTransition, Transition } from "../../../nodes/lib/health/integration-ledger";
import type { Store, StoreSettings } from "../../../nodes/lib/store/store";
import { FakeClock } from "../../fixtures/fake-clock";
import { attempt, delivery, failure, INTEGRATION, policy, settlement, transition } from "./sample-delivery";
import type { StorePlace } from "./store-place";

/** What happens to the store between the steps of a test. */
export type Between = "nothing" | "re-opening" | "crash";

/** A store, and what tests do with it again and again. */
export class StoreUnderTest {
  readonly clock = new FakeClock();
  readonly #between: Between;
  readonly #settings: Partial<StoreSettings>;
  readonly #policies = new Map<string, LanePolicy | null>();
  readonly #abandoned: Store[] = [];
  readonly #places: StorePlace[];
  #store: Store | null = null;

  constructor(place: StorePlace, between: Between, settings: Partial<StoreSettings>) {
    this.#places = [place];
    this.#between = between;
    this.#settings = settings;
  }

  get store(): Store {
    if (this.#store === null) throw new Error("the store is not open");
    return this.#store;
  }

  async open(): Promise<void> {
    const place = this.#places.at(-1);
    if (place === undefined) throw new Error("there is no place");
    // No chance: what fell due while the store was closed is due at once.
    this.#store = await place.open({ settings: this.#settings, clock: this.clock, random: () => 0 });
    for (const [integration, known] of this.#policies) this.#store.configure(integration, known);
  }

  /** Lets happen what happens between the steps of a test. What is claimed is not the caller's any more, if it does. */
  async between(): Promise<void> {
    if (this.#between === "nothing") return;
    if (this.#between === "re-opening") {
      await this.store.close();
    } else {
      const place = this.#places.at(-1);
      if (place === undefined) throw new Error("there is no place");
      this.#abandoned.push(this.store);
      this.#places.push(await place.afterCrash());
    }
    await this.open();
  }

  async end(): Promise<void> {
    for (const store of this.#abandoned) await store.close();
    await this.#store?.close();
    for (const place of this.#places) await place.remove();
  }

  configure(changes: Partial<LanePolicy> | null = {}, integration = INTEGRATION): void {
    const configured = changes === null ? null : policy(changes);
    this.#policies.set(integration, configured);
    this.store.configure(integration, configured);
  }

  /** Accepts a delivery and returns it. */
  async accept(changes: Partial<NewDelivery> = {}): Promise<NewDelivery> {
    const made = delivery(changes);
    const answer = await this.store.accept(made);
    if (answer !== "accepted") throw new Error(`${made.id} is a ${answer}`);
    return made;
  }

  async acceptMany(count: number, changes: Partial<NewDelivery> = {}): Promise<NewDelivery[]> {
    return await Promise.all(Array.from({ length: count }, () => this.accept(changes)));
  }

  /** Claims, and returns what may leave. */
  async claim(limit = 1_000): Promise<StoredDelivery[]> {
    return (await this.store.claim(limit)).deliveries;
  }

  async claimIds(limit = 1_000): Promise<string[]> {
    return (await this.claim(limit)).map(({ id }) => id);
  }

  async claimOne(): Promise<StoredDelivery> {
    const [only, ...more] = await this.claim();
    if (only === undefined || more.length > 0) throw new Error(`${more.length + (only ? 1 : 0)} may leave, not one`);
    return only;
  }

  /** Claims, then waits for what is given up to be settled, and returns that. */
  async givenUp(): Promise<Claims["givenUp"]> {
    const found: Claims["givenUp"] = [];
    for (let round = 0; round < 100; round++) {
      const { givenUp, deliveries } = await this.store.claim(1_000);
      await this.store.release(deliveries);
      found.push(...givenUp);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }

  async delivered(claimed: StoredDelivery, made: Attempt = attempt()): Promise<void> {
    await this.store.settle(settlement(claimed, made, { state: "delivered" }));
  }

  /** The attempt failed and is to be made again after `waitMs`. */
  async failed(claimed: StoredDelivery, waitMs: number, made: Attempt = failure()): Promise<void> {
    await this.store.settle(settlement(claimed, made, { state: "retry", at: this.clock.now() + waitMs }));
  }

  async gaveUp(claimed: StoredDelivery, made: Attempt = failure()): Promise<void> {
    await this.store.settle(settlement(claimed, made, { state: "given-up", gaveUp: "exhausted" }));
  }

  async state(integration = INTEGRATION): Promise<IntegrationState> {
    return await this.store.state(integration);
  }

  lane(integration = INTEGRATION): LaneState | undefined {
    return this.store.lanes().find((lane) => lane.integration === integration)?.lane;
  }

  waiting(integration = INTEGRATION): number {
    return this.store.lanes().find((lane) => lane.integration === integration)?.waiting ?? 0;
  }

  async transition(changes: Partial<NewTransition> = {}, integration = INTEGRATION): Promise<Transition> {
    const { revision } = await this.state(integration);
    const made = transition({ at: this.clock.now(), ...changes });
    const written = await this.store.transition(integration, revision, made);
    if (written === null) throw new Error("the state has moved on");
    return written;
  }

  async disable(integration = INTEGRATION): Promise<Transition> {
    return await this.transition({ from: "active", to: "disabled" }, integration);
  }

  async enable(integration = INTEGRATION): Promise<Transition> {
    return await this.transition(
      { from: "disabled", to: "active", cause: { cause: "person", by: "ada" }, rule: null },
      integration,
    );
  }
}
