import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { NotAcceptedError, type StoredDelivery } from "../../../../nodes/lib/delivery/outbox";
import type { IntegrationState } from "../../../../nodes/lib/health/integration-ledger";
import type { Store } from "../../../../nodes/lib/store/store";
import { FakeClock } from "../../../fixtures/fake-clock";
import { oneOf, seededRandom } from "../../../fixtures/seeded-random";
import { attempt, delivery, failure, settlement } from "../sample-delivery";
import { copyAsLeft } from "./copy-as-left";
import { openAt, segmentsIn } from "./lowdb-files";

const INTEGRATIONS = ["one", "two", "three"];
const MB = 1_024 * 1_024;
/** Segments of 256 kB, of which a few are kept. */
const SMALL = { maxBytes: 4 * MB, keepDelivered: 10, logSize: 10 };

/** What a store has acknowledged, and what it was asked for. */
interface Ledger {
  accepted: Set<string>;
  askedToAccept: Set<string>;
  settled: Set<string>;
  askedToSettle: Set<string>;
  refused: number;
  counted: number;
  askedToCount: number;
  /** Ids by key, in the order of acceptance. */
  order: Map<string, string[]>;
}

function emptyLedger(): Ledger {
  return {
    accepted: new Set(),
    askedToAccept: new Set(),
    settled: new Set(),
    askedToSettle: new Set(),
    refused: 0,
    counted: 0,
    askedToCount: 0,
    order: new Map(),
  };
}

function copyOf(ledger: Ledger): Ledger {
  return structuredClone(ledger);
}

function countedIn(states: readonly IntegrationState[]): number {
  return states.flatMap(({ history }) => history.days).reduce((sum, day) => sum + day.success + day.http5xx, 0);
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const keyOf = ({ integration, orderKey }: Pick<StoredDelivery, "integration" | "orderKey">) =>
  `${integration} ${orderKey}`;

describe("lowdb store: crashes at any moment", () => {
  const folders: string[] = [];
  const newFolder = () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
    folders.push(folder);
    return folder;
  };
  after(() => {
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Accepts, claims and settles by chance, without waiting for the disk more than an engine would. */
  async function work(store: Store, ledger: Ledger, clock: FakeClock, random: () => number, rounds: number) {
    const underway = new Set<Promise<unknown>>();
    const start = (promise: Promise<unknown>) => {
      const tracked: Promise<unknown> = promise.finally(() => underway.delete(tracked));
      underway.add(tracked);
    };
    const accept = async () => {
      const made = delivery({ integration: oneOf(INTEGRATIONS, random), orderKey: `key-${Math.floor(random() * 12)}` });
      const padded = { ...made, body: JSON.stringify({ filler: "ü".repeat(Math.floor(random() * 1_500)) }) };
      ledger.askedToAccept.add(made.id);
      const key = keyOf(made);
      ledger.order.set(key, [...(ledger.order.get(key) ?? []), made.id]);
      try {
        await store.accept(padded);
        ledger.accepted.add(made.id);
      } catch (error) {
        if (!(error instanceof NotAcceptedError)) throw error;
        ledger.askedToAccept.delete(made.id);
        ledger.refused += 1;
      }
    };
    const settle = async (claimed: StoredDelivery) => {
      const chance = random();
      ledger.askedToCount += 1;
      if (chance < 0.4) {
        await store.settle(settlement(claimed, failure(), { state: "retry", at: clock.now() + random() * 2_000 }));
      } else {
        ledger.askedToSettle.add(claimed.id);
        const gaveUp = chance < 0.5;
        await store.settle(
          settlement(
            claimed,
            gaveUp ? failure() : attempt(),
            gaveUp ? { state: "given-up", gaveUp: "exhausted" } : { state: "delivered" },
          ),
        );
        ledger.settled.add(claimed.id);
      }
      ledger.counted += 1;
    };
    for (let round = 0; round < rounds; round++) {
      for (let index = random() * 3; index > 0; index -= 1) start(accept());
      const { deliveries } = await store.claim(Math.floor(random() * 16));
      for (const claimed of deliveries) {
        if (random() < 0.05) start(store.release([claimed]));
        else start(settle(claimed));
      }
      clock.advance(random() * 200);
      if (random() < 0.3 || underway.size > 100) await Promise.race([...underway, nextTurn()]);
    }
    await Promise.all(underway);
  }

  /** Opens what a crash left, and compares it with what had been promised by then. */
  async function check(folder: string, ledger: Ledger, clock: FakeClock): Promise<void> {
    const store = await openAt(folder, { settings: SMALL, clock, integrations: INTEGRATIONS });
    try {
      assert.deepEqual(store.condition(), { state: "ok" });
      const counted = countedIn(await Promise.all(INTEGRATIONS.map((each) => store.state(each))));
      assert.ok(
        counted >= ledger.counted && counted <= ledger.askedToCount,
        `${counted} counted, ${ledger.counted} of ${ledger.askedToCount} acknowledged`,
      );
      const ids: string[] = [];
      const byKey = new Map<string, string[]>();
      clock.advance(60_000);
      for (let left = 1; left > 0; ) {
        const { deliveries } = await store.claim(1_000);
        left = deliveries.length;
        for (const claimed of deliveries) {
          ids.push(claimed.id);
          byKey.set(keyOf(claimed), [...(byKey.get(keyOf(claimed)) ?? []), claimed.id]);
        }
        await Promise.all(
          deliveries.map((claimed) => store.settle(settlement(claimed, attempt(), { state: "delivered" }))),
        );
      }
      const found = new Set(ids);
      assert.equal(found.size, ids.length, "each once");
      const lost = [...ledger.accepted].filter((id) => !found.has(id) && !ledger.askedToSettle.has(id));
      assert.deepEqual(lost, []);
      const back = ids.filter((id) => ledger.settled.has(id) || !ledger.askedToAccept.has(id));
      assert.deepEqual(back, [], "settled ones come back");
      for (const [key, order] of byKey) {
        assert.deepEqual(
          order,
          (ledger.order.get(key) ?? []).filter((id) => found.has(id)),
          `in order within ${key}`,
        );
      }
    } finally {
      await store.close();
    }
  }

  it("loses nothing, keeps the order and counts once, wherever a copy is taken and opened again", async () => {
    const random = seededRandom(7);
    const clock = new FakeClock();
    const folder = newFolder();
    const ledger = emptyLedger();
    const store = await openAt(folder, { settings: SMALL, clock, integrations: INTEGRATIONS });
    const copies: { folder: string; ledger: Ledger; at: number }[] = [];
    let done = false;
    const working = work(store, ledger, clock, random, 2_500).finally(() => {
      done = true;
    });
    const chance = seededRandom(8);
    while (!done && copies.length < 12) {
      for (let turns = chance() * 60; turns > 0 && !done; turns -= 1) await nextTurn();
      // In one go, as a crash is.
      const copy = newFolder();
      copyAsLeft(folder, copy);
      copies.push({ folder: copy, ledger: copyOf(ledger), at: clock.now() });
    }
    await working;
    await store.close();
    assert.ok(copies.length >= 4, `${copies.length} copies`);
    assert.ok(ledger.settled.size > 500, `${ledger.settled.size} settled`);
    for (const copy of copies) await check(copy.folder, copy.ledger, new FakeClock(copy.at));
    const segments = await segmentsIn(folder);
    assert.ok(!segments[0]?.endsWith("00000001.jsonl"), "old segments went");
    await check(folder, ledger, clock);
  }).timeout(30_000);

  it("goes on over many crashes in a row", async () => {
    const random = seededRandom(11);
    const clock = new FakeClock();
    let folder = newFolder();
    const ledger = emptyLedger();
    let store = await openAt(folder, { settings: SMALL, clock, integrations: INTEGRATIONS });
    for (let crash = 0; crash < 12; crash++) {
      await work(store, ledger, clock, random, 250);
      const copy = newFolder();
      copyAsLeft(folder, copy);
      await store.close();
      folder = copy;
      store = await openAt(folder, { settings: SMALL, clock, integrations: INTEGRATIONS });
    }
    await store.close();
    assert.equal(ledger.counted, ledger.askedToCount);
    await check(folder, ledger, clock);
  }).timeout(30_000);
});
