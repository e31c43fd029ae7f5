import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { asideName } from "../../../../nodes/lib/store/lowdb/replaced-file";
import type { Store, StoreCondition } from "../../../../nodes/lib/store/store";
import { MINUTE_MS } from "../../../../nodes/lib/time/utc-day";
import { FakeClock } from "../../../fixtures/fake-clock";
import { attempt, delivery, failure, notice, settlement, transition } from "../sample-delivery";
import { type OpenOptions, openAt, segmentsIn } from "./lowdb-files";

const INTEGRATIONS = ["one", "two"];
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("lowdb store: damaged files", () => {
  let folder: string;
  let store: Store;

  const open = async (options: OpenOptions = {}) => {
    store = await openAt(folder, { integrations: INTEGRATIONS, ...options });
  };
  const accept = async (integration: string, orderKey: string) => {
    const made = delivery({ integration, orderKey });
    assert.equal(await store.accept(made), "accepted");
    return made.id;
  };
  const claimIds = async () => (await store.claim(100)).deliveries.map(({ id }) => id);
  /** Delivers so many for an integration. */
  const deliver = async (integration: string, count: number) => {
    for (let index = 0; index < count; index++) await accept(integration, `delivered-${index}`);
    for (const claimed of (await store.claim(1_000)).deliveries) {
      await store.settle(settlement(claimed, attempt(), { state: "delivered" }));
    }
  };
  const successes = async (integration: string) => (await store.state(integration)).history.days[0]?.success ?? 0;
  const damages = () => {
    const condition = store.condition();
    assert.ok(condition.state === "damaged");
    return condition.damages;
  };
  const stateFile = async (integration: string) => {
    const names = await fs.readdir(path.join(folder, "integrations"));
    const name = names.find((each) => each.startsWith(`${integration}-`)) ?? assert.fail(`no folder of ${integration}`);
    return path.join(folder, "integrations", name, "state.json");
  };

  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    await open();
  });
  afterEach(async () => {
    await store.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  it("leaves out a last line that was cut off, and says nothing of it: nobody was told that it is safe", async () => {
    const kept = await accept("one", "a");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const whole = await fs.readFile(segment, "utf8");
    await fs.appendFile(segment, whole.slice(0, whole.length / 2));
    await open();
    assert.deepEqual(store.condition(), { state: "ok" });
    assert.deepEqual(await claimIds(), [kept]);
    const next = await accept("one", "b");
    await store.close();
    await open();
    assert.deepEqual(await claimIds(), [kept, next]);
  });

  it("leaves out a line that makes no sense, goes on with the rest and keeps the file aside", async () => {
    const first = await accept("one", "a");
    await accept("one", "b");
    const third = await accept("two", "c");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const lines = (await fs.readFile(segment, "utf8")).split("\n");
    const damaged = lines.map((line, index) => (index === 1 ? line.replace('"t":"accept"', '"t":"acc\u0000pt') : line));
    await fs.writeFile(segment, damaged.join("\n"));
    await open();
    const [damage] = damages();
    assert.equal(damage.file, segment);
    assert.match(damage.problem, /line at byte \d+/);
    assert.equal(await fs.readFile(damage.keptAs, "utf8"), damaged.join("\n"));
    assert.deepEqual(await claimIds(), [first, third]);
    const next = await accept("one", "d");
    await store.close();
    await open();
    assert.deepEqual(store.condition(), { state: "ok" }, "the next start does not stumble over the same line");
    assert.deepEqual((await claimIds()).sort(), [first, next, third].sort());
  });

  it("notices a bit that flipped within a comment's text", async () => {
    const first = await accept("one", "a");
    await accept("one", "b");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const bytes = await fs.readFile(segment);
    const text = bytes.lastIndexOf("Grüße") + 1;
    bytes.writeUInt8(bytes.readUInt8(text) ^ 1, text);
    await fs.writeFile(segment, bytes);
    await open();
    const [damage] = damages();
    assert.match(damage.problem, /line at byte \d+ cannot be read \(its checksum is wrong\)$/);
    assert.match(damage.consequence, /lost/);
    assert.deepEqual(await claimIds(), [first]);
  });

  it("keeps the lines before and behind an end of line that is damaged", async () => {
    const ids = [await accept("one", "a"), await accept("one", "b"), await accept("two", "c")];
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const bytes = await fs.readFile(segment);
    bytes.write("?", bytes.indexOf("\n"));
    bytes.write("?", bytes.length - 1);
    await fs.writeFile(segment, bytes);
    await open();
    assert.match(damages()[0].problem, /; so it is with 1 more$/);
    assert.deepEqual((await claimIds()).sort(), [...ids].sort());
    await store.close();
    await open();
    assert.deepEqual(store.condition(), { state: "ok" });
    assert.deepEqual((await claimIds()).sort(), [...ids].sort());
  });

  it("says so when something is missing at the end of a segment that is not the last", async () => {
    const kept = await accept("one", "a");
    await accept("one", "b");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    await fs.writeFile(path.join(folder, "journal", "00000002.jsonl"), "");
    await fs.truncate(segment, (await fs.stat(segment)).size - 10);
    await open();
    assert.match(damages()[0].problem, /^what stood from byte \d+ on is missing$/);
    assert.deepEqual(await claimIds(), [kept]);
  });

  it("opens with a damaged segment of which no copy can be made, and leaves it as it is", async () => {
    const kept = await accept("one", "a");
    await accept("one", "b");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const damaged = (await fs.readFile(segment, "utf8")).replace(/"b"/, '"c"');
    await fs.writeFile(segment, damaged);
    await fs.mkdir(`${segment}.new`);
    for (let start = 0; start < 2; start++) {
      await open();
      const [{ file, keptAs }] = damages();
      assert.deepEqual([file, keptAs], [segment, segment]);
      assert.deepEqual(await claimIds(), [kept]);
      await store.close();
    }
    assert.equal(await fs.readFile(segment, "utf8"), damaged);
    await open();
  });

  it("passes over a line that is JSON but no entry of the journal", async () => {
    const first = await accept("one", "a");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    await fs.appendFile(
      segment,
      '{"n":2}\n{"t":"accept"}\n[]\nnull\n{"n":3,"t":"settle"}\n{"n":4,"t":"accept","i":"one"}\n',
    );
    await open();
    assert.equal(store.condition().state, "damaged");
    assert.deepEqual(await claimIds(), [first]);
    await deliver("two", 2);
    assert.equal(await successes("two"), 2);
  });

  it("keeps a segment aside of which no line is left", async () => {
    const kept = await accept("one", "a");
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const empty = path.join(folder, "journal", "00000000.jsonl");
    await fs.writeFile(empty, "");
    await open();
    const [damage] = damages();
    assert.equal(damage.file, empty);
    assert.equal((await fs.stat(damage.keptAs)).size, 0);
    assert.deepEqual(await segmentsIn(folder), [segment]);
    assert.deepEqual(await claimIds(), [kept]);
  });

  it("goes on counting when the journal was lost", async () => {
    await deliver("one", 5);
    await store.close();
    await fs.rm(path.join(folder, "journal"), { recursive: true });
    await fs.rm(path.join(folder, "notifications.json"), { force: true });
    await open();
    assert.equal(await successes("one"), 5);
    await deliver("one", 3);
    assert.equal(await successes("one"), 8);
    await store.close();
    await open();
    assert.equal(await successes("one"), 8);
  });

  for (const [words, content] of [
    ["half of it is missing", '{"format":1,"through":3,"state":{"integ'],
    ["it is empty", ""],
    ["it is JSON of another kind", '{"format":1,"through":"3","state":{"integration":"one"}}'],
    [
      "its lists are none",
      '{"format":1,"through":1,"state":{"integration":"one","history":{}},"pause":{},"settled":{}}',
    ],
  ] as const) {
    it(`keeps the state of an integration aside when ${words}, and goes on with the others`, async () => {
      await deliver("one", 3);
      await deliver("two", 2);
      await store.close();
      const file = await stateFile("one");
      await fs.writeFile(file, content);
      // What was checkpointed stands no longer in the journal.
      await fs.rm(path.join(folder, "journal"), { recursive: true });
      await open();
      assert.equal(await successes("two"), 2);
      assert.equal(await successes("one"), 0);
      const [damage] = damages();
      assert.equal(damage.file, file);
      assert.equal(await fs.readFile(damage.keptAs, "utf8"), content);
      await deliver("one", 1);
      await deliver("two", 1);
      await store.close();
      await open();
      assert.equal(await successes("one"), 1);
      assert.equal(await successes("two"), 3);
      assert.equal(await fs.readFile(damage.keptAs, "utf8"), content);
    });
  }

  it("makes the state of an integration anew from the journal, as far as that goes back", async () => {
    await deliver("one", 3);
    await store.close();
    await fs.writeFile(await stateFile("one"), "{");
    await open();
    assert.equal(await successes("one"), 3);
    assert.equal(store.condition().state, "damaged");
  });

  it("writes nothing in the place of a damaged state while that cannot be moved away", async () => {
    await deliver("one", 1);
    await store.close();
    const file = await stateFile("one");
    await fs.writeFile(file, "damaged");
    const clock = new FakeClock();
    const inTheWay = asideName(file, clock.now());
    await fs.mkdir(inTheWay);
    await open({ clock });
    const [damage] = damages();
    assert.equal(damage.keptAs, file);
    await deliver("one", 1);
    assert.equal(await successes("one"), 2);
    await store.close();
    assert.equal(await fs.readFile(file, "utf8"), "damaged");
    await fs.rmdir(inTheWay);
    await open({ clock });
    assert.equal(await successes("one"), 2, "the journal has it all");
    await store.close();
    assert.equal(await fs.readFile(inTheWay, "utf8"), "damaged");
    await open({ clock });
    assert.equal(await successes("one"), 2);
  });

  it("keeps notifications aside that cannot be read, and gives no number twice", async () => {
    for (const content of ["{}", "not json", '{"format":1,"through":null,"pending":[],"queue":[],"claims":{}}']) {
      await deliver("one", 1);
      await store.close();
      await fs.writeFile(path.join(folder, "notifications.json"), content);
      await open();
      const [damage] = damages();
      assert.match(damage.file, /notifications\.json$/);
      assert.equal(await fs.readFile(damage.keptAs, "utf8"), content);
      await fs.rm(damage.keptAs);
    }
    await deliver("one", 1);
    assert.equal(await successes("one"), 4);
    const { sequence } = (await store.transition("one", 0, transition({ at: 0 }))) ?? assert.fail();
    assert.equal((await store.queueNotices([notice()], { integration: "one", sequence })).length, 1);
    await store.close();
    await open();
    assert.equal((await store.queuedNotices("notify-1")).length, 1);
  });

  it("names every file that it kept aside, until someone has dealt with it", async () => {
    await deliver("one", 1);
    await deliver("two", 1);
    await store.close();
    const files = [await stateFile("one"), await stateFile("two")];
    for (const file of files) await fs.writeFile(file, "[");
    const clock = new FakeClock();
    await open({ clock });
    assert.deepEqual(
      damages()
        .map(({ file }) => file)
        .sort(),
      files.sort(),
    );
    const [first, second] = damages();
    const changes: StoreCondition[] = [];
    store.onCondition((condition) => changes.push(condition));
    await fs.rename(first.keptAs, path.join(folder, "looked-at"));
    clock.advance(MINUTE_MS);
    while (changes.length < 1) await nextTurn();
    assert.deepEqual(damages(), [second]);
    clock.advance(MINUTE_MS);
    assert.ok(second);
    await fs.rm(second.keptAs);
    while (changes.length < 2) {
      clock.advance(MINUTE_MS);
      await nextTurn();
    }
    assert.deepEqual(store.condition(), { state: "ok" });
    assert.equal(clock.timers, 0);
  });

  it("lists integrations, and not the files that were kept aside of them", async () => {
    await deliver("one", 1);
    await deliver("two", 1);
    await store.close();
    await fs.writeFile(await stateFile("one"), "[");
    await open();
    await store.state("one");
    await store.close();
    await open();
    assert.deepEqual((await store.integrations()).sort(), INTEGRATIONS);
  });

  it("reads past damaged lines of the log and the archive", async () => {
    await accept("one", "a");
    const [claimed] = (await store.claim(1)).deliveries;
    assert.ok(claimed);
    await store.settle(settlement(claimed, failure(), { state: "given-up", gaveUp: "exhausted" }));
    await store.close();
    const place = path.dirname(await stateFile("one"));
    for (const name of ["log.jsonl", "archive.jsonl"]) {
      await fs.appendFile(path.join(place, name), '{"half":\n\n{}\n[1]\n{"settledAt":1,"accepted":{}}\ncut o');
    }
    await open();
    await deliver("one", 1);
    await store.close();
    await open();
    assert.equal((await store.log("one")).length, 2);
    assert.equal((await store.archive("one")).length, 2);
    assert.deepEqual(store.condition(), { state: "ok" });
  });
});
