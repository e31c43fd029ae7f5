import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { folderName } from "../../../../nodes/lib/store/lowdb/integration-files";
import type { Damage, Store } from "../../../../nodes/lib/store/store";
import { MINUTE_MS, SECOND_MS } from "../../../../nodes/lib/time/utc-day";
import { FakeClock } from "../../../fixtures/fake-clock";
import { attempt, delivery, sealedIntegration, settlement, transition } from "../sample-delivery";
import { openAt, segmentsIn } from "./lowdb-files";
import { StoreFolder } from "./store-folder";

const DISABLING = transition({ from: "active", to: "disabled", at: 1_000 });
const ENABLING = transition({ from: "disabled", to: "active", cause: { cause: "person", by: "ada" }, rule: null });

describe("lowdb store: damage and whether an integration is disabled", () => {
  let folder: string;
  let store: Store;
  let clock: FakeClock;

  const open = async () => {
    store = await openAt(folder, { clock, integrations: ["one"] });
  };
  const change = async (changes: typeof DISABLING) => {
    const { revision } = await store.state("one");
    assert.ok(await store.transition("one", revision, changes));
  };
  const accept = async () => {
    const made = delivery({ integration: "one" });
    assert.equal(await store.accept(made), "accepted");
    return made.id;
  };
  const claimIds = async () => (await store.claim(100)).deliveries.map(({ id }) => id);
  const deliver = async () => {
    await accept();
    const [claimed] = (await store.claim(1)).deliveries;
    assert.ok(claimed);
    await store.settle(settlement(claimed, attempt(), { state: "delivered" }));
  };
  const file = (name: string, at = folder) => path.join(at, "integrations", folderName("one"), name);
  const damage = (name: string) => fs.writeFile(file(name), "\0".repeat(500));
  const loseJournal = () => fs.rm(path.join(folder, "journal"), { recursive: true });
  const told = async (): Promise<readonly Damage[]> => {
    await store.state("one");
    const condition = store.condition();
    return condition.state === "damaged" ? condition.damages : [];
  };
  const audit = async () => (await store.state("one")).audit.map(({ action, by }) => `${action} by ${by}`);
  /** Opens what a crash at this moment would leave, and what is done to it. */
  const crash = async (damaged = async () => {}) => {
    const abandoned = store;
    const left = folder;
    folder = (await new StoreFolder(left).afterCrash()).path;
    await abandoned.close();
    await fs.rm(left, { recursive: true });
    await damaged();
    await open();
  };

  beforeEach(async () => {
    clock = new FakeClock();
    folder = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    await open();
  });
  afterEach(async () => {
    await store.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  for (const [words, lose] of [
    ["is damaged", () => damage("state.json")],
    ["is gone", () => fs.rm(file("state.json"))],
  ] as const) {
    it(`sends nothing to one that is disabled when its state ${words}, and keeps why it was disabled`, async () => {
      await deliver();
      await change(DISABLING);
      const { since, generation, revision, transitions } = await store.state("one");
      await store.close();
      await loseJournal();
      await lose();
      await open();
      const held = await accept();
      assert.deepEqual(await claimIds(), []);
      const state = await store.state("one");
      assert.deepEqual([state.status, state.since, state.generation], ["disabled", since, generation]);
      assert.deepEqual([state.revision, state.transitions], [revision, transitions]);
      assert.equal(state.history.days.length, 0);
      await crash();
      assert.deepEqual(await claimIds(), []);
      await change(ENABLING);
      assert.deepEqual(await claimIds(), [held]);
    });
  }

  it("goes on sending to one that is active, and says what was lost and what was not", async () => {
    await change(DISABLING);
    await change(ENABLING);
    await deliver();
    await store.close();
    await loseJournal();
    await damage("state.json");
    await open();
    const id = await accept();
    assert.deepEqual(await claimIds(), [id]);
    const { generation } = await store.state("one");
    assert.equal(generation, 3);
    const [found, ...more] = await told();
    assert.deepEqual([found?.file, more], [file("state.json"), []]);
    assert.match(found?.consequence ?? "", /^Counts, .* of integration "one" begin anew.* It is active, as before\.$/);
    assert.deepEqual(await audit(), ["disabled by rule failing-days", "enabled by ada", "damaged by the store"]);
  });

  it("counts what the journal still has for one whose state is damaged, each change of status once", async () => {
    await change(DISABLING);
    await change(ENABLING);
    await deliver();
    await deliver();
    await store.close();
    await damage("state.json");
    await open();
    const { status, generation, history, transitions } = await store.state("one");
    assert.deepEqual([status, generation, history.days[0]?.success, transitions.length], ["active", 3, 2, 2]);
    // Written anew a moment after the start, so that a crash takes nothing of it.
    while (!existsSync(file("state.json"))) await new Promise((resolve) => setImmediate(resolve));
    await deliver();
    await crash();
    assert.equal((await store.state("one")).history.days[0]?.success, 3);
  });

  it("keeps the settings of one that was given in a message", async () => {
    const settings = sealedIntegration("one");
    assert.equal(await store.accept(delivery({ integration: "one", settings })), "accepted");
    await store.close();
    await loseJournal();
    await damage("state.json");
    await open();
    assert.deepEqual(await store.settings("one"), settings);
  });

  it("holds what waits until a person enables it when nobody knows whether it was disabled", async () => {
    await deliver();
    const waiting = await accept();
    await store.close();
    await damage("state.json");
    await damage("status.json");
    await open();
    const later = await accept();
    assert.deepEqual(await claimIds(), []);
    assert.equal(store.lanes()[0]?.lane.state, "held");
    const found = await told();
    assert.deepEqual(found.map((each) => each.file).sort(), [file("state.json"), file("status.json")]);
    for (const { consequence } of found) assert.match(consequence, /waits until you enable it.* button .*enable/);
    assert.deepEqual(await audit(), ["disabled by the store"]);
    assert.match((await store.state("one")).audit[0]?.detail ?? "", /damaged/);
    // Also if nothing more could be written before the next start.
    await crash();
    assert.deepEqual(await claimIds(), []);
    assert.deepEqual(await told(), []);
    assert.deepEqual(await audit(), ["disabled by the store"]);
    await change(ENABLING);
    clock.advance(SECOND_MS);
    assert.deepEqual(await claimIds(), [waiting]);
    clock.advance(SECOND_MS);
    assert.deepEqual(await claimIds(), [later]);
    await store.close();
    await open();
    assert.equal((await store.state("one")).status, "active");
  });

  it("holds it also when its files are read only after the start", async () => {
    await deliver();
    await store.close();
    await loseJournal();
    await damage("state.json");
    await fs.rm(file("status.json"));
    await open();
    await accept();
    assert.deepEqual(await claimIds(), []);
    assert.match((await told())[0]?.consequence ?? "", /until you enable it/);
  });

  it("does not forget it when nothing can be written", async () => {
    await deliver();
    await store.close();
    await damage("state.json");
    await fs.rm(file("status.json"));
    await fs.mkdir(file("status.json.new"));
    for (let start = 0; start < 2; start++) {
      await open();
      await accept();
      assert.deepEqual(await claimIds(), []);
      assert.equal((await told())[0]?.keptAs, file("state.json"));
      await store.close();
    }
    await fs.rmdir(file("status.json.new"));
    await open();
    assert.deepEqual(await claimIds(), []);
    assert.equal(await fs.readFile((await told())[0]?.keptAs ?? "", "utf8"), "\0".repeat(500));
  });

  it("tells where a damaged file is kept when it could be moved only later, until that is gone", async () => {
    await deliver();
    await store.close();
    await damage("state.json");
    await fs.mkdir(file("status.json.new"));
    await open();
    const [inPlace] = await told();
    assert.ok(inPlace);
    assert.equal(inPlace.keptAs, file("state.json"));
    await fs.rmdir(file("status.json.new"));
    const moved = new Promise((resolve) => store.onCondition(resolve));
    await change(DISABLING);
    await moved;
    const [kept, ...more] = await told();
    assert.ok(kept);
    assert.deepEqual([{ ...kept, keptAs: inPlace.keptAs }, more], [inPlace, []]);
    assert.equal(await fs.readFile(kept.keptAs, "utf8"), "\0".repeat(500));
    await fs.rm(kept.keptAs);
    const over = new Promise((resolve) => store.onCondition(resolve));
    clock.advance(MINUTE_MS);
    assert.deepEqual(await over, { state: "ok" });
  });

  it("takes the journal's word for it when both files are damaged", async () => {
    await change(DISABLING);
    await change(ENABLING);
    const id = await accept();
    await store.close();
    await damage("state.json");
    await damage("status.json");
    await open();
    assert.deepEqual(await claimIds(), [id]);
    const [found] = await told();
    assert.match(found?.consequence ?? "", /It is active, as before/);
  });

  it("loses nothing when only the copy of the status is damaged, and makes it anew", async () => {
    await deliver();
    await change(DISABLING);
    await store.close();
    await damage("status.json");
    await open();
    const found = await told();
    assert.deepEqual(
      found.map((each) => [each.file, each.consequence]),
      [[file("status.json"), "Nothing is lost: it is a copy."]],
    );
    const state = await store.state("one");
    assert.deepEqual([state.status, state.history.days[0]?.success], ["disabled", 1]);
    await store.close();
    await loseJournal();
    await damage("state.json");
    await open();
    assert.equal((await store.state("one")).status, "disabled");
  });

  for (const [changes, status] of [
    [[DISABLING], "disabled"],
    [[DISABLING, ENABLING], "active"],
  ] as const) {
    it(`knows that it is ${status} although the line that says so in the journal is damaged`, async () => {
      await deliver();
      for (const each of changes) await change(each);
      // Written a moment after the journal.
      const isCopied = async () => (await fs.readFile(file("status.json"), "utf8")).includes(`"status":"${status}"`);
      while (!(await isCopied().catch(() => false))) await new Promise((resolve) => setImmediate(resolve));
      await crash(async () => {
        const [segment = ""] = await segmentsIn(folder);
        const lines = (await fs.readFile(segment, "utf8")).split("\n");
        const last = lines.findLastIndex((line) => line.includes('"t":"transition"'));
        await fs.writeFile(segment, lines.map((line, index) => (index === last ? `${line} ` : line)).join("\n"));
      });
      const state = await store.state("one");
      assert.deepEqual([state.status, state.generation], [status, changes.length + 1]);
      const id = await accept();
      assert.deepEqual(await claimIds(), status === "active" ? [id] : []);
      assert.equal(state.history.days[0]?.success, 1);
    });
  }
});
