import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { decodeLine } from "../../../../nodes/lib/store/lowdb/journal-entry";
import type { Store } from "../../../../nodes/lib/store/store";
import type { Random } from "../../../../nodes/lib/time/clock";
import { FakeClock } from "../../../fixtures/fake-clock";
import { oneOf, seededRandom } from "../../../fixtures/seeded-random";
import { attempt, delivery, failure, notice, settlement, transition } from "../sample-delivery";
import { filesBelow, openAt, segmentsIn } from "./lowdb-files";
import { StoreFolder } from "./store-folder";

const CASES = 100;
const SENT_TO = ["one", "two"];
const DISABLED = "off";
const INTEGRATIONS = [...SENT_TO, DISABLED];
/** Segments of 64 kB. */
const SETTINGS = { maxBytes: 1_024 * 1_024 };

/** What is done to the bytes of a file. */
const DAMAGE: readonly ((bytes: Buffer, at: number, length: number, random: Random) => Buffer)[] = [
  function flipsABit(bytes, at, _, random) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
    return flipped;
  },
  function overwrites(bytes, at, length, random) {
    return Buffer.from(bytes).fill(Math.floor(random() * 256), at, Math.min(bytes.length, at + length));
  },
  function scrambles(bytes, at, length, random) {
    return Buffer.from(bytes.map((byte, index) => (index < at || index >= at + length ? byte : random() * 256)));
  },
  function leavesOut(bytes, at, length) {
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  },
  function insertsOther(bytes, at, length, random) {
    const from = Math.floor(random() * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at)]);
  },
  function cutsOff(bytes, at) {
    return bytes.subarray(0, at);
  },
  function empties() {
    return Buffer.alloc(0);
  },
];

describe("lowdb store: damage at any place", () => {
  let whole: StoreFolder;
  let files: string[];
  let clock: FakeClock;

  const openIn = (folder: StoreFolder) =>
    openAt(folder.path, { clock, settings: SETTINGS, integrations: INTEGRATIONS });

  /** All kinds of entries; what becomes of a delivery is chance. */
  async function work(store: Store, random: Random) {
    const body = JSON.stringify({ filler: "x".repeat(2_500) });
    for (let index = 0; index < 12; index++) {
      await store.accept(delivery({ integration: oneOf(INTEGRATIONS, random), body }));
    }
    for (const claimed of (await store.claim(12)).deliveries) {
      const chance = random();
      if (chance < 0.3) await store.settle(settlement(claimed, attempt(), { state: "delivered" }));
      else if (chance < 0.5) {
        await store.settle(settlement(claimed, failure(), { state: "given-up", gaveUp: "exhausted" }));
      } else if (chance < 0.8) {
        await store.settle(settlement(claimed, failure(), { state: "retry", at: clock.now() + random() * 60_000 }));
      }
    }
    await store.countForeign({ ...failure(), integration: "two" });
  }

  /** Ids by what the journal's intact lines say: those that wait for sure, and those that ended for sure. */
  async function intactIn(folder: StoreFolder) {
    const waiting = new Set<string>();
    const ended = new Set<string>();
    for (const segment of await segmentsIn(folder.path)) {
      for (const line of fs.readFileSync(segment, "latin1").match(/\{"crc":"[^\n]*?\}(?=\n|.?$|.?\{"crc":")/gs) ?? []) {
        try {
          const { entry } = decodeLine(Buffer.from(line, "latin1").toString());
          if (entry.t === "accept") waiting.add(entry.d.id);
          else if (entry.t === "settle" && entry.next.state !== "retry") ended.add(entry.id);
        } catch {
          // Damaged.
        }
      }
    }
    return { waiting, ended };
  }

  before(async () => {
    clock = new FakeClock();
    whole = await StoreFolder.make();
    const random = seededRandom(1);
    let store = await openIn(whole);
    await work(store, random);
    const changed = await store.transition(DISABLED, 0, transition({ to: "disabled", at: clock.now() }));
    await store.queueNotices([notice()], { integration: DISABLED, sequence: changed?.sequence ?? 0 });
    await store.close();
    store = await openIn(whole);
    for (let round = 0; round < 4; round++) await work(store, random);
    const left = whole;
    whole = await left.afterCrash();
    await store.close();
    await left.remove();
    files = [...(await filesBelow(whole.path)).keys()].sort();
    assert.ok((await segmentsIn(whole.path)).length >= 2);
    for (const name of ["state.json", "status.json", "log.jsonl", "archive.jsonl", "notifications.json"]) {
      assert.ok(
        files.some((file) => file.endsWith(name)),
        name,
      );
    }
  });
  after(() => whole.remove());

  it(`opens, keeps what is not damaged, sends nothing to who is disabled, and says so, ${CASES} times`, async () => {
    const truth = await intactIn(whole);
    for (let seed = 1; seed <= CASES; seed++) await oneCase(seed, truth);
  }).timeout(30_000);

  async function oneCase(seed: number, truth: Awaited<ReturnType<typeof intactIn>>) {
    const random = seededRandom(seed);
    const folder = await whole.afterCrash();
    let done = "";
    const mustBeTold = new Set<string>();
    const left = new Set(files);
    for (let count = Math.ceil(random() * 3); count > 0; count--) {
      const isJournal = random() < 0.5;
      const name = oneOf(
        [...left].filter((file) => file.startsWith("journal") === isJournal),
        random,
      );
      left.delete(name);
      const file = path.join(folder.path, name);
      const bytes = fs.readFileSync(file);
      if (bytes.length === 0) continue;
      const damage = oneOf(DAMAGE, random);
      const at = Math.floor(random() * bytes.length);
      const damaged = damage(bytes, at, 1 + Math.floor(random() ** 4 * 2_000), random);
      if (damaged.equals(bytes)) continue;
      fs.writeFileSync(file, damaged);
      done += ` ${damage.name} ${name} at ${at} of ${bytes.length};`;
      if (isTold(name, bytes, damaged)) mustBeTold.add(file);
    }
    const it = `case ${seed}:${done}`;
    const { waiting, ended } = await intactIn(folder);
    let store = await openIn(folder).catch((error: unknown) => assert.fail(`${it} ${String(error)}`));
    try {
      for (const integration of INTEGRATIONS) {
        await store.state(integration);
        await store.log(integration);
        await store.archive(integration);
      }
      assert.deepEqual((await store.integrations()).sort(), [...INTEGRATIONS].sort(), it);
      await store.queuedNotices("notify-1");
      assert.equal((await store.state(DISABLED)).status, "disabled", it);
      const condition = store.condition();
      const told = condition.state === "damaged" ? condition.damages.map(({ file }) => file) : [];
      assert.deepEqual(
        [...mustBeTold].filter((file) => !told.includes(file)),
        [],
        `${it} told ${told.join()}`,
      );
      const { deliveries } = await store.claim(1_000);
      assert.ok(
        deliveries.every(({ integration }) => integration !== DISABLED),
        it,
      );
      await store.release(deliveries);
      for (const integration of INTEGRATIONS) await store.discard(integration);
      const found = new Set((await store.claim(0)).givenUp.map(({ delivery: { id } }) => id));
      const lost = [...waiting].filter((id) => !truth.ended.has(id) && !found.has(id));
      assert.deepEqual(lost, [], `${it} lost`);
      const back = [...found].filter((id) => !truth.waiting.has(id) || ended.has(id));
      assert.deepEqual(back, [], `${it} came back`);
      for (const integration of INTEGRATIONS) await store.accept(delivery({ integration }));
      await store.close();
      store = await openIn(folder);
      assert.deepEqual(store.condition(), { state: "ok" }, it);
      assert.equal(
        store.lanes().reduce((sum, lane) => sum + lane.waiting, 0),
        INTEGRATIONS.length,
        it,
      );
      assert.equal((await store.state(DISABLED)).status, "disabled", it);
    } finally {
      await store.close();
      await folder.remove();
    }
  }

  /**
   * Logs and archives are read past. The end of the last segment may be what a crash cut off, of whole lines nobody knows
   * that they are missing, and a file may have lost no more than its checksum.
   */
  function isTold(name: string, before: Buffer, damaged: Buffer): boolean {
    const json = before.subarray(0, before.indexOf("\n"));
    if (!name.startsWith("journal")) return name.endsWith(".json") && !damaged.subarray(0, json.length).equals(json);
    const known = new Set(before.toString("latin1").split("\n"));
    const lines = damaged.toString("latin1").split("\n");
    if (name === files.findLast((file) => file.startsWith("journal"))) lines.pop();
    return lines.some((line) => !known.has(line));
  }
});
