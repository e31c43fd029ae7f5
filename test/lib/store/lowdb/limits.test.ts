import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as aMoment } from "node:timers/promises";
import { type NewDelivery, NotAcceptedError, type StoredDelivery } from "../../../../nodes/lib/delivery/outbox";
import { folderName } from "../../../../nodes/lib/store/lowdb/integration-files";
import type { Store } from "../../../../nodes/lib/store/store";
import { DAY_MS } from "../../../../nodes/lib/time/utc-day";
import { FakeClock } from "../../../fixtures/fake-clock";
import { attempt, delivery, failure, sealedAnew, sealedIntegration, settlement } from "../sample-delivery";
import { filesBelow, openAt, segmentsIn } from "./lowdb-files";
import { PeakBytes } from "./peak-bytes";

const MB = 1_024 * 1_024;
const large = (changes = {}) =>
  delivery({ integration: "one", body: JSON.stringify({ filler: "x".repeat(10_000) }), ...changes });

describe("lowdb store: limits", function () {
  this.timeout(30_000);
  let folder: string;
  let store: Store;
  let clock: FakeClock;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
    clock = new FakeClock();
  });
  afterEach(async () => {
    await store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const settleAll = async (deliveries: readonly StoredDelivery[], gaveUp: boolean) => {
    await Promise.all(
      deliveries.map((claimed) =>
        store.settle(
          gaveUp
            ? settlement(claimed, failure(), { state: "given-up", gaveUp: "exhausted" })
            : settlement(claimed, attempt(), { state: "delivered" }),
        ),
      ),
    );
  };

  /** Old files may be on their way out. */
  const acceptWhenThereIsRoom = async (made: NewDelivery) => {
    for (;;) {
      try {
        assert.equal(await store.accept(made), "accepted");
        return;
      } catch (error) {
        assert.ok(error instanceof NotAcceptedError);
        await room();
      }
    }
  };

  /** Resolves when the store says that there is room. */
  const room = () =>
    new Promise<void>((resolve) => {
      if (store.condition().state === "ok") return resolve();
      const stop = store.onCondition(({ state }) => {
        if (state !== "ok") return;
        stop();
        resolve();
      });
    });

  it("refuses new webhooks when maxBytes is reached, keeps what waits, and recovers by itself as that goes out", async () => {
    store = await openAt(folder, { clock, settings: { maxBytes: MB, keepDelivered: 3 }, integrations: ["one"] });
    const accepted: string[] = [];
    for (let refused = false; !refused; ) {
      const made = large();
      await store.accept(made).then(
        () => accepted.push(made.id),
        (error: unknown) => {
          assert.ok(error instanceof NotAcceptedError);
          assert.match(error.message, /full: \d+ of 1048576 bytes .*maxBytes/);
          refused = true;
        },
      );
    }
    assert.ok(accepted.length > 90, `${accepted.length} accepted`);
    assert.equal(store.condition().state, "full");
    const { deliveries } = await store.claim(1_000);
    assert.deepEqual(
      deliveries.map(({ id }) => id),
      accepted,
    );
    await settleAll(deliveries.slice(0, 50), false);
    await room();
    assert.equal(await store.accept(large()), "accepted");
    await settleAll(deliveries.slice(50), false);
    await store.close();
    store = await openAt(folder, { clock, settings: { maxBytes: MB }, integrations: ["one"] });
    assert.equal((await store.claim(1_000)).deliveries.length, 1);
  });

  it("forgets the oldest of what can be replayed rather than refuse what is new", async () => {
    store = await openAt(folder, { clock, settings: { maxBytes: MB, keepDelivered: 0 }, integrations: ["one"] });
    const ids: string[] = [];
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 10; index++) {
        const made = large();
        ids.push(made.id);
        await acceptWhenThereIsRoom(made);
      }
      await settleAll((await store.claim(100)).deliveries, true);
    }
    const archived = (await store.archive("one")).map(({ delivery: { id } }) => id);
    assert.ok(archived.length >= 10, `${archived.length} of ${ids.length} can be replayed`);
    assert.deepEqual(archived, ids.slice(-archived.length).reverse());
  });

  describe("how much is on disk at any moment", () => {
    const maxBytes = 4 * MB;
    let peak: PeakBytes;

    beforeEach(async () => {
      peak = new PeakBytes(folder);
      store = await openAt(folder, { clock, settings: { maxBytes }, integrations: ["one"] });
    });
    afterEach(() => peak.end());

    const fill = async () => {
      const results = await Promise.allSettled(Array.from({ length: 1_000 }, () => store.accept(large())));
      assert.ok(results.some(({ status }) => status === "rejected"));
    };
    const settleAllThatWaits = async (settle: (deliveries: StoredDelivery[]) => Promise<void>) => {
      for (;;) {
        const { deliveries } = await store.claim(128);
        if (deliveries.length === 0) return;
        await settle(deliveries);
      }
    };

    it("is hardly more than maxBytes when more than fits is accepted at once", async () => {
      await fill();
      assert.ok(peak.bytes <= 1.01 * maxBytes, `${peak.bytes} bytes`);
    });

    it("is at most half as much again while all that waits in a full store fails again and again", async () => {
      await fill();
      for (let round = 0; round < 10; round++) {
        await settleAllThatWaits(async (deliveries) => {
          const made = failure({ responseBody: "y".repeat(1_024) });
          const next = { state: "retry", at: clock.now() + 1_000 } as const;
          await Promise.all(deliveries.map((claimed) => store.settle(settlement(claimed, made, next))));
          await store.accept(large()).catch((error: unknown) => assert.ok(error instanceof NotAcceptedError));
        });
        clock.advance(1_000);
      }
      assert.ok(peak.bytes <= 1.5 * maxBytes, `${peak.bytes} bytes`);
    });

    it("is at most half as much again while all that waited in a full store is archived", async () => {
      for (let round = 0; round < 3; round++) {
        await fill();
        await settleAllThatWaits((deliveries) => settleAll(deliveries, true));
        await room();
      }
      await store.close();
      assert.ok(peak.bytes <= 1.5 * maxBytes, `${peak.bytes} bytes`);
    });

    it("is at most half as much again while a full store is discarded", async () => {
      await fill();
      await store.discard("one");
      await room();
      await store.close();
      assert.ok(peak.bytes <= 1.5 * maxBytes, `${peak.bytes} bytes`);
    });
  });

  it("writes the settings of an integration given in messages once, however often they come, also after a restart", async () => {
    for (let run = 0; run < 2; run++) {
      store = await openAt(folder, { clock });
      for (let comments = 0; comments < 10; comments++) {
        await store.accept(delivery({ integration: "customer", settings: sealedAnew("customer") }));
      }
      if (run === 0) await store.close();
    }
    const journal = (await segmentsIn(folder)).map((file) => fs.readFileSync(file, "utf8")).join("");
    assert.equal(journal.split('"sealedSecrets"').length - 1, 1);
  });

  it("keeps the journal bounded while one delivery waits for days in its oldest segment", async () => {
    store = await openAt(folder, { clock, settings: { maxBytes: 2 * MB, keepDelivered: 3 }, integrations: ["one"] });
    const waiting = large({ orderKey: "waits" });
    await store.accept(waiting);
    const [first] = (await store.claim(1)).deliveries;
    assert.ok(first);
    await store.settle(settlement(first, failure(), { state: "retry", at: clock.now() + 3 * DAY_MS }));
    for (let round = 0; round < 60; round++) {
      for (let index = 0; index < 10; index++) await acceptWhenThereIsRoom(large());
      await settleAll((await store.claim(100)).deliveries, false);
    }
    // The last segments go a moment after the last write.
    while ((await segmentsIn(folder)).length > 12) await aMoment(10);
    await store.close();
    store = await openAt(folder, { clock, settings: { maxBytes: 2 * MB }, integrations: ["one"] });
    clock.advance(3 * DAY_MS);
    const [again, ...more] = (await store.claim(100)).deliveries;
    assert.equal(more.length, 0);
    assert.deepEqual([again?.id, again?.attempts, again?.body], [waiting.id, 1, waiting.body]);
    const [day] = (await store.state("one")).history.days;
    assert.deepEqual([day?.success, day?.http5xx], [600, 1]);
  });

  it("writes nothing and sets no timer while it has nothing to do", async () => {
    store = await openAt(folder, { clock, integrations: ["one"] });
    await store.accept(large());
    await settleAll((await store.claim(10)).deliveries, false);
    await store.accept(large());
    const [claimed] = (await store.claim(10)).deliveries;
    assert.ok(claimed);
    await store.settle(settlement(claimed, failure(), { state: "retry", at: clock.now() + 10 * DAY_MS }));
    await store.transition("one", 0, {
      ...{ from: "active", to: "at-risk", cause: { cause: "recovered" }, at: clock.now(), episode: "e", dryRun: false },
      ...{ suspended: false, rule: null, explanation: "", node: null },
    });
    // The copy of the new status is written a moment later.
    const copy = path.join(folder, "integrations", folderName("one"), "status.json");
    while (!fs.existsSync(copy)) await aMoment(1);
    const before = await filesBelow(folder);
    const events: string[] = [];
    const watcher = fs.watch(folder, { recursive: true }, (kind, name) => events.push(`${kind} ${name}`));
    try {
      for (let day = 0; day < 5; day++) {
        clock.advance(DAY_MS);
        await store.claim(10);
        store.lanes();
        await store.state("one");
        await store.log("one");
        await store.archive("one");
        await store.integrations();
      }
      // Long enough for what was written by mistake to be seen.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.deepEqual(events, []);
      assert.deepEqual(await filesBelow(folder), before);
      assert.equal(clock.timers, 0);
    } finally {
      watcher.close();
    }
  });

  it("lets go of integrations that have no more work, and knows them again", async () => {
    const count = 2_600;
    store = await openAt(folder, { clock, settings: { maxBytes: 16 * MB } });
    const ids = Array.from({ length: count }, (_, index) => `customer-${index}`);
    const webhooks = ids.map((integration) =>
      delivery({ integration, body: '{"a":1}', settings: sealedIntegration(integration) }),
    );
    for (let from = 0; from < count; from += 200) {
      const batch = webhooks.slice(from, from + 200);
      await Promise.all(batch.map((webhook) => store.accept(webhook)));
      await settleAll((await store.claim(200)).deliveries, false);
    }
    // Idle integrations are let go when something is written next.
    clock.advance(DAY_MS);
    for (let index = 0; index < 200; index++) await store.accept(large());
    while (store.lanes().length > 2_000) await new Promise((resolve) => setImmediate(resolve));
    for (const webhook of [webhooks[0], webhooks[1_300], webhooks[2_599]]) {
      assert.ok(webhook);
      assert.equal(await store.accept(webhook), "duplicate");
      assert.equal((await store.state(webhook.integration)).history.days[0]?.success, 1);
      assert.equal((await store.settings(webhook.integration))?.id, webhook.integration);
      assert.equal((await store.log(webhook.integration)).length, 1);
      assert.equal((await store.archive(webhook.integration)).length, 1);
      await store.accept(delivery({ integration: webhook.integration }));
    }
    const again = (await store.claim(10)).deliveries.map(({ integration }) => integration);
    assert.deepEqual(again.sort(), ["customer-0", "customer-1300", "customer-2599"]);
  });
});
