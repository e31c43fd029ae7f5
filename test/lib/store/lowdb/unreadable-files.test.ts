import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { mock } from "node:test";
import { NotAcceptedError } from "../../../../nodes/lib/delivery/outbox";
import { folderName } from "../../../../nodes/lib/store/lowdb/integration-files";
import type { Store } from "../../../../nodes/lib/store/store";
import { HOUR_MS, SECOND_MS } from "../../../../nodes/lib/time/utc-day";
import { FakeClock } from "../../../fixtures/fake-clock";
import { attempt, delivery, policy, settlement } from "../sample-delivery";
import { openAt, segmentsIn } from "./lowdb-files";

const ioError = () => Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });

describe("lowdb store: files that cannot be read now", () => {
  let folder: string;
  let store: Store;
  let clock: FakeClock;

  const open = async () => {
    store = await openAt(folder, { clock, integrations: ["one"] });
  };
  const claimIds = async () => (await store.claim(100)).deliveries.map(({ id }) => id);
  const accept = async () => {
    const made = delivery({ integration: "one" });
    assert.equal(await store.accept(made), "accepted");
    return made.id;
  };
  const deliver = async () => {
    await accept();
    const [claimed] = (await store.claim(1)).deliveries;
    assert.ok(claimed);
    await store.settle(settlement(claimed, attempt(), { state: "delivered" }));
  };
  const fileOf = (name: string) => path.join(folder, "integrations", folderName("one"), name);
  const waiting = () => store.lanes().reduce((sum, lane) => sum + lane.waiting, 0);
  /** Puts a folder in the place of a file. Returns what puts the file back. */
  const hide = (file: string) => {
    fs.renameSync(file, `${file}.hidden`);
    fs.mkdirSync(file);
    return () => {
      fs.rmdirSync(file);
      fs.renameSync(`${file}.hidden`, file);
    };
  };
  /** Opens it anew, so that no webhook is in memory, and lets the journal be unreadable. */
  const openWithUnreadableJournal = async () => {
    await store.close();
    await open();
    return mock.method(fs, "readSync", () => {
      throw ioError();
    });
  };

  beforeEach(async () => {
    clock = new FakeClock();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
    await open();
  });
  afterEach(async () => {
    mock.restoreAll();
    await store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const name of ["state.json", "status.json"]) {
    it(`refuses a webhook while ${name} cannot be read, and goes on as before when it can`, async () => {
      await deliver();
      await store.close();
      fs.rmSync(path.join(folder, "journal"), { recursive: true });
      const show = hide(fileOf(name));
      await open();
      await assert.rejects(store.accept(delivery({ integration: "one" })), (error) => {
        assert.ok(error instanceof NotAcceptedError);
        assert.ok(error.message.includes(folder), error.message);
        assert.match(error.message, new RegExp(`${name.replace(".", "\\.")} cannot be read: EISDIR`));
        return true;
      });
      await assert.rejects(store.state("one"), /cannot be read: EISDIR/);
      assert.deepEqual(store.condition(), { state: "ok" });
      show();
      const id = await accept();
      assert.deepEqual(await claimIds(), [id]);
      const { status, history } = await store.state("one");
      assert.deepEqual([status, history.days[0]?.success], ["active", 1]);
      assert.ok(!fs.readdirSync(path.dirname(fileOf(name))).some((each) => each.includes("damaged")));
    });
  }

  for (const [what, file] of [
    ["a segment of the journal", async () => (await segmentsIn(folder))[0] ?? assert.fail()],
    ["the state of an integration of which the journal tells", async () => fileOf("state.json")],
    ["the file of notifications", async () => path.join(folder, "notifications.json")],
  ] as const) {
    it(`does not open while ${what} cannot be read, and has lost nothing when it can`, async () => {
      await deliver();
      const id = await accept();
      await store.close();
      const unreadable = await file();
      const before = fs.readFileSync(unreadable, "utf8");
      const show = hide(unreadable);
      const names = fs.readdirSync(folder, { recursive: true }).sort();
      await assert.rejects(open(), (error) => {
        assert.ok(error instanceof Error);
        assert.ok(error.message.startsWith(`${unreadable} cannot be read: EISDIR`), error.message);
        return true;
      });
      assert.deepEqual(fs.readdirSync(folder, { recursive: true }).sort(), names);
      assert.equal(clock.timers, 0);
      show();
      assert.equal(fs.readFileSync(unreadable, "utf8"), before);
      await open();
      assert.deepEqual(store.condition(), { state: "ok" });
      assert.deepEqual(await claimIds(), [id]);
      assert.equal((await store.state("one")).history.days[0]?.success, 1);
    });
  }

  it("looks after no damaged file when it cannot be opened", async () => {
    await store.close();
    fs.writeFileSync(path.join(folder, "notifications.json"), "damaged");
    const show = hide((await segmentsIn(folder))[0] ?? assert.fail());
    await assert.rejects(open(), /EISDIR/);
    assert.equal(clock.timers, 0);
    show();
    await open();
  });

  it("leaves no file of the journal open when it cannot be opened", async function () {
    if (!fs.existsSync("/proc/self/fd")) this.skip();
    await accept();
    await store.close();
    fs.mkdirSync(path.join(folder, "journal", "00000002.jsonl"));
    await assert.rejects(open(), /EISDIR/);
    const opened = fs.readdirSync("/proc/self/fd").map((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return "";
      }
    });
    assert.deepEqual(
      opened.filter((each) => each.startsWith(folder)),
      [],
    );
    fs.rmdirSync(path.join(folder, "journal", "00000002.jsonl"));
    await open();
  });

  it("sends a webhook later that cannot be read from the journal now", async () => {
    const id = await accept();
    const disk = await openWithUnreadableJournal();
    const { deliveries, givenUp } = await store.claim(5);
    assert.deepEqual([deliveries, givenUp, waiting()], [[], [], 1]);
    assert.deepEqual(store.condition(), { state: "ok" });
    clock.advance(5 * SECOND_MS);
    assert.deepEqual(await claimIds(), []);
    disk.mock.restore();
    let told = 0;
    store.onClaimable(() => {
      told += 1;
    });
    clock.advance(5 * SECOND_MS);
    assert.equal(told, 1);
    assert.deepEqual(await claimIds(), [id]);
    assert.equal(clock.timers, 0);
  });

  it("tells of one that is given up or discarded only when it can be read", async () => {
    const expired = await accept();
    const disk = await openWithUnreadableJournal();
    assert.equal(await store.discard("one"), 0);
    clock.advance(5 * SECOND_MS);
    store.configure("one", policy({ maxAgeMs: HOUR_MS }));
    clock.advance(HOUR_MS);
    assert.deepEqual((await store.claim(5)).givenUp, []);
    // Written after what would have been written of the other.
    await store.accept(delivery({ integration: "two" }));
    assert.deepEqual(
      store.lanes().map((lane) => [lane.integration, lane.waiting]),
      [
        ["one", 1],
        ["two", 1],
      ],
    );
    disk.mock.restore();
    clock.advance(5 * SECOND_MS);
    await store.claim(5);
    while (waiting() > 1) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      (await store.claim(5)).givenUp.map(({ delivery: { id }, gaveUp }) => [id, gaveUp]),
      [[expired, "expired"]],
    );
  });

  it("waits for nothing of that when it is closed", async () => {
    const id = await accept();
    const disk = await openWithUnreadableJournal();
    assert.deepEqual(await claimIds(), []);
    disk.mock.restore();
    await store.close();
    assert.equal(clock.timers, 0);
    await open();
    assert.deepEqual(await claimIds(), [id]);
  });

  it("reads the files of few integrations at the same time", async () => {
    const { readFile } = fs.promises;
    let now = 0;
    let most = 0;
    mock.method(fs.promises, "readFile", async (...args: Parameters<typeof readFile>) => {
      now += 1;
      most = Math.max(most, now);
      try {
        return await readFile(...args);
      } finally {
        now -= 1;
      }
    });
    const made = Array.from({ length: 200 }, (_, index) => delivery({ integration: `many-${index}` }));
    await Promise.all(made.map((each) => store.accept(each)));
    assert.equal(most, 64);
    assert.equal(now, 0);
  });
});
