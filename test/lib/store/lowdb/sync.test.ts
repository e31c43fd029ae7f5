import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { NotAcceptedError } from "../../../../nodes/lib/delivery/outbox";
import type { Store } from "../../../../nodes/lib/store/store";
import { attempt, delivery, settlement } from "../sample-delivery";
import { openAt } from "./lowdb-files";

type Done = (error: NodeJS.ErrnoException | null) => void;

describe('lowdb store: sync "power"', () => {
  const { fdatasync } = fs;
  let folder: string;
  let store: Store;
  let syncs: number;
  /** What a write to the disk waits for. */
  let beforeSync: () => Promise<void>;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
    syncs = 0;
    beforeSync = async () => undefined;
    Object.assign(fs, {
      fdatasync: (descriptor: number, done: Done) => {
        syncs += 1;
        beforeSync().then(() => fdatasync(descriptor, done), done);
      },
    });
  });
  afterEach(async () => {
    Object.assign(fs, { fdatasync });
    await store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("accepts and settles when the disk has it, not before", async () => {
    store = await openAt(folder, { settings: { sync: "power" }, integrations: ["one"] });
    let letGo = () => {};
    beforeSync = () =>
      new Promise((resolve) => {
        letGo = resolve;
      });
    let accepted = false;
    const accepting = store.accept(delivery({ integration: "one" })).then(() => {
      accepted = true;
    });
    while (syncs === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(accepted, false);
    assert.deepEqual((await store.claim(10)).deliveries, []);
    letGo();
    await accepting;
    beforeSync = async () => undefined;
    const [claimed] = (await store.claim(10)).deliveries;
    assert.ok(claimed);
    const before = syncs;
    await store.settle(settlement(claimed, attempt(), { state: "delivered" }));
    assert.equal(syncs, before + 1);
    await store.close();
    store = await openAt(folder, { settings: { sync: "power" } });
    assert.equal((await store.state("one")).history.days[0]?.success, 1);
  });

  it("shares one sync among what comes while one is under way", async () => {
    store = await openAt(folder, { settings: { sync: "power" }, integrations: ["one"] });
    await Promise.all(Array.from({ length: 100 }, () => store.accept(delivery({ integration: "one" }))));
    assert.ok(syncs <= 4, `${syncs} syncs`);
  });

  it("refuses what the disk did not take, and leaves nothing of it", async () => {
    store = await openAt(folder, { settings: { sync: "power" }, integrations: ["one"] });
    beforeSync = () => Promise.reject(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
    const lost = delivery({ integration: "one" });
    await assert.rejects(store.accept(lost), NotAcceptedError);
    assert.equal(store.condition().state, "unwritable");
    beforeSync = async () => undefined;
    const kept = delivery({ integration: "one" });
    assert.equal(await store.accept(kept), "accepted");
    assert.deepEqual(store.condition(), { state: "ok" });
    await store.close();
    store = await openAt(folder, { settings: { sync: "power" }, integrations: ["one"] });
    assert.deepEqual(
      (await store.claim(10)).deliveries.map(({ id }) => id),
      [kept.id],
    );
  });

  it('syncs nothing under "process"', async () => {
    store = await openAt(folder, { settings: { sync: "process" }, integrations: ["one"] });
    await store.accept(delivery({ integration: "one" }));
    assert.equal(syncs, 0);
  });
});
