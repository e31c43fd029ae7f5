import assert from "node:assert/strict";
import { HOUR_MS, MINUTE_MS } from "../../../../nodes/lib/time/utc-day";
import { INTEGRATION, localFailure, sealedIntegration, unique } from "../sample-delivery";
import type { OnStore } from "../store-contract";

export function describeClaiming(onStore: OnStore): void {
  describe("claiming", () => {
    it(
      "hands out deliveries with the same key one after the other, each when the earlier is settled",
      onStore(async (it) => {
        it.configure();
        const key = { orderKey: "comment-a" };
        const [one, two, three] = [await it.accept(key), await it.accept(key), await it.accept(key)];
        await it.between();
        const first = await it.claimOne();
        assert.equal(first.id, one.id);
        await it.failed(first, MINUTE_MS);
        assert.deepEqual(await it.claimIds(), [], "the later ones wait for the retry");
        await it.between();
        assert.deepEqual(await it.claimIds(), []);
        it.clock.advance(MINUTE_MS);
        const retried = await it.claimOne();
        assert.equal(retried.id, one.id);
        assert.equal(retried.attempts, 1);
        await it.gaveUp(retried);
        await it.between();
        const second = await it.claimOne();
        assert.equal(second.id, two.id);
        await it.delivered(second);
        await it.between();
        assert.equal((await it.claimOne()).id, three.id);
      }),
    );

    it(
      "does not let different keys wait for each other",
      onStore(async (it) => {
        it.configure();
        const slow = await it.accept({ orderKey: "slow" });
        await it.accept({ orderKey: "slow" });
        const first = await it.claimOne();
        assert.equal(first.id, slow.id);
        await it.failed(first, HOUR_MS);
        await it.between();
        const other = await it.accept({ orderKey: "other" });
        assert.deepEqual(await it.claimIds(), [other.id]);
      }),
    );

    it(
      "hands out everything at once where order is not wanted",
      onStore(async (it) => {
        it.configure({ ordered: false });
        const all = await it.acceptMany(5, { orderKey: "the same" });
        await it.between();
        assert.deepEqual(
          await it.claimIds(),
          all.map(({ id }) => id),
        );
      }),
    );

    it(
      "keeps the order of acceptance when order comes to be wanted",
      onStore(async (it) => {
        it.configure({ ordered: false });
        const all = await it.acceptMany(3, { orderKey: "the same" });
        await it.between();
        const [first, second] = await it.claim(2);
        assert.ok(first && second);
        it.configure({ ordered: true });
        assert.deepEqual(await it.claimIds(), []);
        await it.delivered(second);
        assert.deepEqual(await it.claimIds(), [], "the first is still in flight");
        await it.delivered(first);
        assert.deepEqual(await it.claimIds(), [all[2]?.id]);
      }),
    );

    it(
      "lets tests and replays stand outside the order",
      onStore(async (it) => {
        it.configure();
        const key = { orderKey: "comment-a" };
        const event = await it.accept(key);
        const test = await it.accept({ ...key, kind: "test", event: "webhook.test" });
        const replay = await it.accept({ ...key, kind: "replay" });
        await it.between();
        assert.deepEqual(new Set(await it.claimIds()), new Set([event.id, test.id, replay.id]));
      }),
    );

    it(
      "has at most so many of an integration in flight, until one is settled or released",
      onStore(async (it) => {
        it.configure({ concurrency: 2 });
        await it.acceptMany(5);
        await it.between();
        const [first, second, ...more] = await it.claim();
        assert.ok(first && second);
        assert.equal(more.length, 0);
        await it.delivered(first);
        assert.equal((await it.claim()).length, 1);
        await it.failed(second, HOUR_MS);
        const third = await it.claim();
        assert.equal(third.length, 1);
        await it.store.release(third);
        assert.deepEqual(
          (await it.claim()).map(({ attempts }) => attempts),
          [0],
        );
        assert.deepEqual(await it.claimIds(), []);
      }),
    );

    it(
      "takes at most as many as were asked for",
      onStore(async (it) => {
        it.configure();
        const all = await it.acceptMany(30);
        await it.between();
        const ids: string[] = [];
        for (let round = 0; round < 6; round++) ids.push(...(await it.claimIds(5)));
        assert.deepEqual(
          ids,
          all.map(({ id }) => id),
        );
        assert.deepEqual(await it.claimIds(5), []);
      }),
    );

    it(
      "lets so many leave per second",
      onStore(async (it) => {
        it.configure({ rate: 5 });
        await it.acceptMany(100);
        await it.between();
        let left = 0;
        for (let ms = 0; ms < 10_000; ms += 10) {
          left += (await it.claim()).length;
          it.clock.advance(10);
        }
        assert.ok(left >= 50 && left <= 51, `${left} left in 10 s`);
        const { nextDueAt } = await it.store.claim(10);
        assert.ok(nextDueAt !== null && nextDueAt > it.clock.now() && nextDueAt <= it.clock.now() + 200);
      }),
    );

    it(
      "lets a new rate hold at once",
      onStore(async (it) => {
        it.configure({ rate: 0.001 });
        await it.acceptMany(3);
        assert.equal((await it.claim()).length, 1);
        it.configure({ rate: 0 });
        await it.between();
        it.clock.advance(1);
        assert.ok((await it.claim()).length >= 2);
      }),
    );

    it(
      "keeps what waits for an integration whose lane is closed or was never set",
      onStore(async (it) => {
        const early = await it.accept();
        await it.between();
        assert.deepEqual(await it.claimIds(), []);
        assert.deepEqual(it.lane(), { state: "unconfigured" });
        it.configure();
        assert.deepEqual(it.lane(), { state: "open" });
        const claimed = await it.claimOne();
        assert.equal(claimed.id, early.id);
        it.configure(null);
        await it.store.release([claimed]);
        await it.between();
        assert.deepEqual(await it.claimIds(), []);
        assert.equal(it.waiting(), 1);
        it.configure();
        assert.deepEqual(await it.claimIds(), [early.id]);
      }),
    );

    it(
      "lets leave what the settings of an integration given in messages allow, if its lane was not set",
      onStore(async (it) => {
        const integration = "customer";
        const accept = async (concurrency: number, waiting: number) => {
          const settings = sealedIntegration(integration, { concurrency });
          for (let count = 0; count < waiting; count++) await it.accept({ integration, settings });
        };
        const mayLeave = async () => {
          await it.between();
          const claimed = await it.claim();
          await it.store.release(claimed);
          return claimed.length;
        };
        await accept(2, 5);
        assert.equal(await mayLeave(), 2);
        await accept(4, 1);
        assert.equal(await mayLeave(), 4);
        it.configure({ concurrency: 5 }, integration);
        assert.equal(await mayLeave(), 5);
        it.configure(null, integration);
        assert.equal(await mayLeave(), 4);
        assert.deepEqual(it.lane(integration), { state: "open" });
      }),
    );

    it(
      "takes from every lane in turn",
      onStore(async (it) => {
        for (const integration of ["busy", "quiet-1", "quiet-2"]) it.configure({}, integration);
        await it.acceptMany(500, { integration: "busy" });
        await it.accept({ integration: "quiet-1" });
        await it.accept({ integration: "quiet-2" });
        await it.between();
        const lanes = new Set((await it.claim(32)).map(({ integration }) => integration));
        assert.deepEqual(lanes, new Set(["busy", "quiet-1", "quiet-2"]));
      }),
    );

    it(
      "hands out each retry at its time, and says when the next is due",
      onStore(async (it) => {
        it.configure();
        await it.acceptMany(3);
        const waits = [20_000, 5_000, 10_000];
        const start = it.clock.now();
        for (const [index, claimed] of (await it.claim()).entries()) await it.failed(claimed, waits[index] ?? 0);
        await it.between();
        for (const wait of [5_000, 10_000, 20_000]) {
          const { deliveries, nextDueAt } = await it.store.claim(10);
          assert.deepEqual(deliveries, []);
          assert.equal(nextDueAt, start + wait);
          it.clock.advance(start + wait - 1 - it.clock.now());
          assert.deepEqual(await it.claimIds(), []);
          it.clock.advance(1);
          const due = await it.claimOne();
          assert.equal(due.attempts, 1);
          await it.delivered(due);
          await it.between();
        }
        assert.deepEqual(await it.store.claim(10), { deliveries: [], givenUp: [], nextDueAt: null });
      }),
    );

    it(
      "uses up no attempt by failures for a local reason",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        await it.failed(await it.claimOne(), 0);
        await it.failed(await it.claimOne(), 0, localFailure());
        await it.failed(await it.claimOne(), 0, localFailure());
        await it.between();
        const claimed = await it.claimOne();
        assert.deepEqual([claimed.attempts, claimed.localFailures], [1, 2]);
        await it.failed(claimed, 0);
        await it.between();
        const again = await it.claimOne();
        assert.deepEqual([again.attempts, again.localFailures], [2, 0]);
      }),
    );

    it(
      "gives up what is too old when its turn comes, and tells it once",
      onStore(async (it) => {
        it.configure({ maxAgeMs: HOUR_MS });
        const old = await it.accept();
        await it.between();
        it.clock.advance(HOUR_MS + 1);
        const young = await it.accept();
        const givenUp = await it.givenUp();
        assert.deepEqual(
          givenUp.map(({ delivery, gaveUp }) => [delivery.id, delivery.body, gaveUp]),
          [[old.id, old.body, "expired"]],
        );
        await it.between();
        assert.deepEqual(await it.givenUp(), []);
        assert.deepEqual(await it.claimIds(), [young.id]);
        assert.equal(await it.store.accept(old), "duplicate");
      }),
    );

    it(
      "gives up what waits when it is discarded, and leaves what is in flight",
      onStore(async (it) => {
        it.configure();
        it.configure({}, "other");
        await it.acceptMany(3, { orderKey: "same" });
        const waits = await it.accept();
        const [flying, retried, ...more] = await it.claim();
        assert.ok(flying && retried && more.length === 0);
        assert.equal(retried.id, waits.id);
        await it.failed(retried, HOUR_MS);
        await it.accept({ integration: "other" });
        assert.equal(await it.store.discard(INTEGRATION), 3);
        assert.equal(await it.store.discard("nobody"), 0);
        const { givenUp, deliveries } = await it.store.claim(100);
        assert.deepEqual(
          givenUp.map(({ gaveUp }) => gaveUp),
          ["discarded", "discarded", "discarded"],
        );
        assert.deepEqual(
          deliveries.map(({ integration }) => integration),
          ["other"],
        );
        await it.delivered(flying);
        await it.between();
        assert.equal(it.waiting(), 0);
        const next = await it.accept({ orderKey: "same", id: `msg_${unique()}x` });
        assert.ok((await it.claimIds()).includes(next.id));
      }),
    );

    it(
      "lets the next of a key go when those before it were discarded while one was in flight",
      onStore(async (it) => {
        it.configure({ concurrency: 3 });
        await it.acceptMany(3, { orderKey: "same" });
        const flying = await it.claimOne();
        await Promise.all([it.delivered(flying), it.store.discard(INTEGRATION)]);
        assert.equal((await it.store.claim(100)).givenUp.length, 2);
        await it.between();
        const all = await it.acceptMany(3);
        assert.deepEqual(
          await it.claimIds(),
          all.map(({ id }) => id),
          "the lane has all its places again",
        );
      }),
    );
  });
}
