import assert from "node:assert/strict";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../../nodes/lib/time/utc-day";
import { INTEGRATION } from "../sample-delivery";
import type { OnStore } from "../store-contract";

export function describeHolding(onStore: OnStore): void {
  describe("holding while disabled", () => {
    it(
      "holds what waits and what comes, but no tests",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        await it.disable();
        await it.between();
        assert.deepEqual(it.lane(), { state: "held" });
        await it.accept();
        const test = await it.accept({ kind: "test", event: "webhook.test" });
        await it.between();
        assert.deepEqual(await it.claimIds(), [test.id]);
        assert.equal(it.waiting(), 3);
      }),
    );

    it(
      "holds also what comes when nothing waited before",
      onStore(async (it) => {
        it.configure();
        await it.disable();
        await it.between();
        await it.accept();
        assert.deepEqual(it.lane(), { state: "held" });
        assert.deepEqual(await it.claimIds(), []);
        await it.between();
        await it.enable();
        assert.equal((await it.claim()).length, 1);
      }),
    );

    it(
      "lets go in order and gently after enabling, the schedule anew, as of the new generation",
      onStore(async (it) => {
        it.configure();
        const all = await it.acceptMany(40);
        for (const claimed of await it.claim(3)) await it.failed(claimed, 5 * HOUR_MS);
        await it.disable();
        await it.between();
        it.clock.advance(HOUR_MS);
        await it.enable();
        await it.between();
        const ids: string[] = [];
        const first = await it.claimOne();
        assert.deepEqual([first.attempts, first.generation, first.heldMs], [0, 3, HOUR_MS]);
        ids.push(first.id);
        for (let ms = 0; ms < SECOND_MS; ms += 10) {
          it.clock.advance(10);
          ids.push(...(await it.claimIds()));
        }
        assert.ok(ids.length >= 10 && ids.length <= 12, `${ids.length} left in the first second`);
        for (let ms = 0; ms < 4 * SECOND_MS; ms += 10) {
          it.clock.advance(10);
          ids.push(...(await it.claimIds()));
        }
        assert.deepEqual(
          ids,
          all.map(({ id }) => id),
        );
        await it.acceptMany(100);
        assert.equal((await it.claim()).length, 100, "as fast as before when all that was held is out");
      }),
    );

    it(
      "goes as fast as before with what comes after what was held was discarded",
      onStore(async (it) => {
        it.configure();
        await it.acceptMany(50);
        await it.disable();
        await it.enable();
        await it.store.discard(INTEGRATION);
        await it.between();
        await it.acceptMany(20);
        assert.equal((await it.claim()).length, 20);
      }),
    );

    it(
      "lets age stand still while held",
      onStore(async (it) => {
        it.configure({ maxAgeMs: 2 * HOUR_MS });
        const early = await it.accept();
        it.clock.advance(HOUR_MS);
        await it.disable();
        it.clock.advance(HOUR_MS);
        await it.between();
        const late = await it.accept();
        it.clock.advance(2 * HOUR_MS);
        await it.enable();
        await it.between();
        it.clock.advance(50 * MINUTE_MS);
        const claimed = await it.claim();
        assert.deepEqual(
          claimed.map(({ id, heldMs }) => [id, heldMs]),
          [[early.id, 3 * HOUR_MS]],
        );
        await it.failed(claimed[0] ?? assert.fail(), 0);
        it.clock.advance(10 * MINUTE_MS + 1);
        assert.deepEqual(
          (await it.givenUp()).map(({ delivery }) => delivery.id),
          [early.id],
        );
        assert.deepEqual(await it.claimIds(), [late.id]);
      }),
    );

    it(
      "drops what waits and what comes, where that is wanted",
      onStore(async (it) => {
        it.configure({ whenDisabled: "drop" });
        const waiting = await it.acceptMany(3, { orderKey: "same" });
        const flying = await it.claimOne();
        await it.disable();
        const coming = await it.accept();
        assert.deepEqual(
          (await it.givenUp()).map(({ delivery, gaveUp }) => [delivery.id, gaveUp]),
          [waiting[1], waiting[2], coming].map((each) => [each?.id, "dropped"]),
        );
        await it.delivered(flying);
        await it.between();
        assert.equal(it.waiting(), 0);
        await it.enable();
        const later = await it.acceptMany(5);
        assert.deepEqual(
          await it.claimIds(),
          later.map(({ id }) => id),
        );
      }),
    );

    it(
      "gives up the oldest beyond what may be held",
      onStore(async (it) => {
        it.configure({ holdLimit: 5 });
        const all = await it.acceptMany(8);
        await it.disable();
        await it.between();
        assert.deepEqual(
          (await it.givenUp()).map(({ delivery, gaveUp }) => [delivery.id, gaveUp]),
          all.slice(0, 3).map(({ id }) => [id, "expired"]),
        );
        const next = await it.accept();
        assert.equal((await it.givenUp()).length, 1);
        assert.equal(it.waiting(), 5);
        await it.between();
        await it.enable();
        it.clock.advance(HOUR_MS);
        const ids: string[] = [];
        for (let round = 0; round < 10; round++) {
          ids.push(...(await it.claimIds()));
          it.clock.advance(SECOND_MS);
        }
        assert.equal(ids.at(-1), next.id);
      }),
    );

    it(
      "gives up what was held for too long, and says when that will be",
      onStore(async (it) => {
        it.configure({ holdMs: DAY_MS });
        const early = await it.accept();
        it.clock.advance(HOUR_MS);
        await it.disable();
        const disabledAt = it.clock.now();
        await it.between();
        it.clock.advance(HOUR_MS);
        const late = await it.accept();
        assert.equal((await it.store.claim(10)).nextDueAt, disabledAt + DAY_MS);
        it.clock.advance(23 * HOUR_MS - 1);
        assert.deepEqual(await it.givenUp(), []);
        it.clock.advance(1);
        assert.deepEqual(
          (await it.givenUp()).map(({ delivery, gaveUp }) => [delivery.id, gaveUp]),
          [[early.id, "expired"]],
        );
        await it.between();
        it.clock.advance(HOUR_MS);
        assert.deepEqual(
          (await it.givenUp()).map(({ delivery }) => delivery.id),
          [late.id],
        );
      }),
    );

    it(
      "keeps the order of a key when an attempt in flight ends while it is held",
      onStore(async (it) => {
        it.configure();
        const [first, second] = await it.acceptMany(2, { orderKey: "same" });
        const flying = await it.claimOne();
        await it.disable();
        await it.failed(flying, MINUTE_MS);
        await it.between();
        it.clock.advance(HOUR_MS);
        assert.deepEqual(await it.claimIds(), []);
        await it.enable();
        await it.between();
        const again = await it.claimOne();
        assert.equal(again.id, first?.id);
        await it.delivered(again);
        it.clock.advance(SECOND_MS);
        assert.deepEqual(await it.claimIds(), [second?.id]);
      }),
    );

    it(
      "counts the retries of what was in flight over disabling and enabling to the new generation",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        const flying = await it.claimOne();
        await it.disable();
        await it.enable();
        await it.failed(flying, 0);
        await it.between();
        assert.equal((await it.state()).history.failuresInARow, 0, "an answer of an older generation");
        const again = await it.claimOne();
        assert.equal(again.generation, 3);
        await it.failed(again, 0);
        await it.between();
        assert.equal((await it.state()).history.failuresInARow, 1);
      }),
    );

    it(
      "does not hold for a dry run or a suspended change",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        await it.transition({ to: "disabled", dryRun: true });
        await it.transition({ to: "disabled", suspended: true });
        await it.between();
        assert.deepEqual(it.lane(), { state: "open" });
        assert.equal((await it.claim()).length, 1);
      }),
    );
  });
}
