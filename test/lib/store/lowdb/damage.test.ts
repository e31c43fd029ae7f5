import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { asideName } from "../../../../nodes/lib/store/lowdb/replaced-file";
import type { Store } from "../../../../nodes/lib/store/store";
import { FakeClock } from "../../../fixtures/fake-clock";
import { attempt, delivery, failure, notice, settlement, transition } from "../sample-delivery";
import { type OpenOptions, openAt, segmentsIn } from "./lowdb-files";

const INTEGRATIONS = ["one", "two"];

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
    const condition = store.condition();
    assert.ok(condition.state === "damaged");
    assert.equal(condition.file, segment);
    assert.match(condition.problem, /line at byte \d+/);
    assert.equal(await fs.readFile(condition.keptAs, "utf8"), damaged.join("\n"));
    assert.deepEqual(await claimIds(), [first, third]);
    const next = await accept("one", "d");
    await store.close();
    await open();
    assert.deepEqual(store.condition(), { state: "ok" }, "the next start does not stumble over the same line");
    assert.deepEqual((await claimIds()).sort(), [first, next, third].sort());
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

  it("keeps a segment aside that cannot be read at all", async () => {
    const kept = await accept("one", "a");
    await store.close();
    await fs.mkdir(path.join(folder, "journal", "00000002.jsonl"));
    await open();
    const condition = store.condition();
    assert.ok(condition.state === "damaged");
    assert.match(condition.file, /00000002\.jsonl$/);
    assert.ok((await fs.stat(condition.keptAs)).isDirectory());
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
      const condition = store.condition();
      assert.ok(condition.state === "damaged");
      assert.equal(condition.file, file);
      assert.equal(await fs.readFile(condition.keptAs, "utf8"), content);
      await deliver("one", 1);
      await deliver("two", 1);
      await store.close();
      await open();
      assert.equal(await successes("one"), 1);
      assert.equal(await successes("two"), 3);
      assert.equal(await fs.readFile(condition.keptAs, "utf8"), content);
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
    const condition = store.condition();
    assert.ok(condition.state === "damaged");
    assert.equal(condition.keptAs, file);
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
      const condition = store.condition();
      assert.ok(condition.state === "damaged", content);
      assert.match(condition.file, /notifications\.json$/);
      assert.equal(await fs.readFile(condition.keptAs, "utf8"), content);
      await fs.rm(condition.keptAs);
    }
    await deliver("one", 1);
    assert.equal(await successes("one"), 4);
    const { sequence } = (await store.transition("one", 0, transition({ at: 0 }))) ?? assert.fail();
    assert.equal((await store.queueNotices([notice()], { integration: "one", sequence })).length, 1);
    await store.close();
    await open();
    assert.equal((await store.queuedNotices("notify-1")).length, 1);
  });

  it("names every file that it kept aside", async () => {
    await deliver("one", 1);
    await deliver("two", 1);
    await store.close();
    for (const integration of INTEGRATIONS) await fs.writeFile(await stateFile(integration), "[");
    await open();
    const condition = store.condition();
    assert.ok(condition.state === "damaged");
    const others = (await fs.readdir(path.dirname(await stateFile("two")))).filter((name) => name.includes("damaged"));
    assert.equal(others.length, 1);
    assert.ok(`${condition.keptAs} ${condition.problem}`.includes(others[0] ?? assert.fail()));
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
