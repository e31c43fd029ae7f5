import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { attempt, delivery, settlement } from "../sample-delivery";
import { openAt, segmentsIn } from "./lowdb-files";

const ROUNDS = 60;
const EACH = 20;
const BODY = JSON.stringify({ text: "y".repeat(4_000) });
/** Segments of 256 kB. */
const SETTINGS = { maxBytes: 4 * 1_024 * 1_024, keepDelivered: 10 };

describe("lowdb store: a segment that cannot be deleted", () => {
  const { rm } = fs.promises;
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"));
  });
  afterEach(() => {
    Object.assign(fs.promises, { rm });
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("goes before those that follow it, so that nothing comes back that was settled", async () => {
    let refusals = 0;
    Object.assign(fs.promises, {
      // As where a virus scanner has just opened it.
      rm: async (file: string, options: fs.RmOptions) => {
        if (refusals++ < 2) throw Object.assign(new Error(`EBUSY: ${file}`), { code: "EBUSY" });
        await rm(file, options);
      },
    });
    const store = await openAt(folder, { settings: SETTINGS, integrations: ["one"] });
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(Array.from({ length: EACH }, () => store.accept(delivery({ integration: "one", body: BODY }))));
      const { deliveries } = await store.claim(EACH);
      await Promise.all(deliveries.map((each) => store.settle(settlement(each, attempt(), { state: "delivered" }))));
    }
    // Closing ends the work that deletes them.
    while ((await segmentsIn(folder)).length >= 8) await nextTurn();
    await store.close();
    assert.ok(refusals > 2, "old segments went after all");

    const again = await openAt(folder, { settings: SETTINGS, integrations: ["one"] });
    assert.deepEqual((await again.claim(EACH)).deliveries, []);
    const { history } = await again.state("one");
    assert.equal(
      history.days.reduce((sum, { success }) => sum + success, 0),
      ROUNDS * EACH,
    );
    await again.close();
  });
});
