import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { NotAcceptedError } from "../../../../nodes/lib/delivery/outbox";
import type { Store, StoreCondition } from "../../../../nodes/lib/store/store";
import { FakeClock } from "../../../fixtures/fake-clock";
import { attempt, delivery, failure, settlement } from "../sample-delivery";
import { openAt, segmentsIn } from "./lowdb-files";
import { SmallDisk } from "./small-disk";

const large = () => delivery({ integration: "one", body: JSON.stringify({ filler: "x".repeat(20_000) }) });
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Resolves with the first condition of that state from now on. */
function told(store: Store, state: StoreCondition["state"]): Promise<StoreCondition> {
  return new Promise((resolve) => {
    const stop = store.onCondition((condition) => {
      if (condition.state !== state) return;
      stop();
      resolve(condition);
    });
  });
}

describe("lowdb store: a full disk", () => {
  let disk: SmallDisk;
  let folder: string;
  let store: Store;
  let clock: FakeClock;

  beforeEach(async function () {
    const made = await SmallDisk.make(512);
    if (made === null) {
      assert.ok(process.env.CI === undefined, "a small disk must be mounted in CI, by root or sudo");
      console.log("      (skipped: this user may not mount a small disk)");
      this.skip();
    }
    disk = made;
    folder = path.join(disk.path, "store");
    clock = new FakeClock();
    store = await openAt(folder, { clock, integrations: ["one"] });
  });
  afterEach(async () => {
    await store?.close();
    await disk?.remove();
  });

  /** Accepts until the disk takes no more. Returns the ids that were accepted, and those that were refused. */
  async function acceptUntilRefused(): Promise<{ accepted: string[]; refused: string[] }> {
    const accepted: string[] = [];
    for (;;) {
      const made = large();
      try {
        await store.accept(made);
        accepted.push(made.id);
      } catch (error) {
        assert.ok(error instanceof NotAcceptedError);
        assert.match(error.message, /ENOSPC/);
        return { accepted, refused: [made.id] };
      }
    }
  }

  it("refuses what it cannot keep, says so, and takes webhooks again by itself when there is room", async () => {
    await disk.fill(100_000);
    const full = told(store, "unwritable");
    const { accepted, refused } = await acceptUntilRefused();
    assert.ok(accepted.length > 0);
    const condition = await full;
    assert.ok(condition.state === "unwritable");
    assert.match(condition.problem, /ENOSPC/);
    await disk.makeRoom();
    for (let second = 0; second < 10 && store.condition().state !== "ok"; second++) {
      clock.advance(1_000);
      await nextTurn();
    }
    assert.deepEqual(store.condition(), { state: "ok" });
    const later = large();
    assert.equal(await store.accept(later), "accepted");
    await store.close();
    store = await openAt(folder, { clock, integrations: ["one"] });
    const ids = (await store.claim(100)).deliveries.map(({ id }) => id);
    assert.deepEqual(ids, [...accepted, later.id]);
    for (const id of refused) assert.ok(!ids.includes(id));
  });

  it("takes small webhooks meanwhile, but says that it recovered only when what it refused would fit", async () => {
    const said: string[] = [];
    store.onCondition(({ state }) => said.push(state));
    await disk.fill(100_000);
    const { accepted } = await acceptUntilRefused();
    for (let second = 0; second < 60; second++) {
      if (second % 20 === 10) {
        const small = delivery({ integration: "one" });
        assert.equal(await store.accept(small), "accepted");
        accepted.push(small.id);
      }
      clock.advance(1_000);
      await nextTurn();
    }
    assert.deepEqual(said, ["unwritable"]);
    await disk.makeRoom();
    const ok = told(store, "ok");
    clock.advance(5_000);
    await ok;
    assert.deepEqual(said, ["unwritable", "ok"]);
    assert.equal(clock.timers, 0);
    await store.close();
    const [segment = ""] = await segmentsIn(folder);
    const lines = fs.readFileSync(segment, "utf8").split("\n");
    assert.equal(lines.length, accepted.length + 1, "nothing is left of what it tried");
    store = await openAt(folder, { clock, integrations: ["one"] });
    assert.deepEqual(
      (await store.claim(100)).deliveries.map(({ id }) => id),
      accepted,
    );
  });

  it("says that it recovered with the first that it takes, if that is as large as what it refused", async () => {
    await disk.fill(100_000);
    await acceptUntilRefused();
    await disk.makeRoom();
    assert.equal(await store.accept(large()), "accepted");
    assert.deepEqual(store.condition(), { state: "ok" });
  });

  it("keeps what was settled until it can be written, and counts it once", async () => {
    for (let index = 0; index < 3; index++) await store.accept(large());
    const [first, second, third] = (await store.claim(10)).deliveries;
    assert.ok(first && second && third);
    await disk.fill(0);
    await acceptUntilRefused();
    let settled = 0;
    const count = () => {
      settled += 1;
    };
    const body = "y".repeat(5_000);
    const settling = [
      store.settle(settlement(first, attempt({ responseBody: body }), { state: "delivered" })).then(count),
      store
        .settle(settlement(second, failure({ responseBody: body }), { state: "retry", at: clock.now() + 1 }))
        .then(count),
    ];
    for (let second = 0; second < 10; second++) {
      clock.advance(1_000);
      await nextTurn();
    }
    assert.equal(settled, 0, "not before it is on disk");
    assert.equal((await store.state("one")).history.days.length, 0);
    await assert.rejects(store.accept(large()), NotAcceptedError);
    await disk.makeRoom();
    const ok = told(store, "ok");
    clock.advance(1_000);
    await ok;
    await Promise.all(settling);
    await store.close();
    store = await openAt(folder, { clock, integrations: ["one"] });
    const [day] = (await store.state("one")).history.days;
    assert.deepEqual([day?.success, day?.http5xx], [1, 1]);
    const ids = (await store.claim(10)).deliveries.map(({ id }) => id);
    assert.deepEqual(ids.sort(), [second.id, third.id].sort());
  });

  it("loses nothing that was accepted when it must close on a full disk", async () => {
    await disk.fill(100_000);
    const { accepted } = await acceptUntilRefused();
    const [claimed] = (await store.claim(1)).deliveries;
    assert.ok(claimed);
    const settling = store.settle(
      settlement(claimed, attempt({ responseBody: "z".repeat(50_000) }), { state: "delivered" }),
    );
    const refused = assert.rejects(settling, /closed before this was written/);
    await store.close();
    await refused;
    await disk.makeRoom();
    store = await openAt(folder, { clock, integrations: ["one"] });
    assert.deepEqual(
      (await store.claim(100)).deliveries.map(({ id }) => id),
      accepted,
    );
  });

  it("says why a store on a read-only disk cannot be opened", async () => {
    await store.close();
    disk.makeReadOnly();
    await assert.rejects(openAt(folder, { clock }), /EROFS|EACCES|read-only/);
  });
});

describe("lowdb store: a file in the place of a folder", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it("refuses webhooks while the integrations' folder is no folder", async () => {
    const inTheWay = path.join(folder, "integrations");
    fs.writeFileSync(inTheWay, "in the way");
    const store = await openAt(folder, { integrations: ["one"] });
    await assert.rejects(store.accept(large()), (error) => {
      assert.ok(error instanceof NotAcceptedError);
      assert.ok(error.message.includes(folder));
      assert.match(error.message, /state\.json cannot be read: ENOTDIR/);
      return true;
    });
    assert.deepEqual(store.condition(), { state: "ok" });
    assert.equal(fs.readFileSync(inTheWay, "utf8"), "in the way");
    fs.rmSync(inTheWay);
    assert.equal(await store.accept(large()), "accepted");
    assert.equal((await store.claim(1)).deliveries.length, 1);
    await store.close();
    assert.ok(fs.statSync(inTheWay).isDirectory());
  });
});
