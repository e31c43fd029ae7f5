import assert from "node:assert/strict";
import { HOUR_MS, MINUTE_MS } from "../../../../nodes/lib/time/utc-day";
import { failure, INTEGRATION, localFailure } from "../sample-delivery";
import type { OnStore } from "../store-contract";
import type { StoreUnderTest } from "../store-under-test";

/** Fails so many deliveries, one after the other; none of them comes again within the test. */
async function failMany(it: StoreUnderTest, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const [claimed] = await it.claim(1);
    assert.ok(claimed, `failure ${index + 1}`);
    await it.failed(claimed, 200 * HOUR_MS);
  }
}

export function describePausing(onStore: OnStore): void {
  describe("pausing", () => {
    it(
      "stops a lane for a minute after 5 failures in a row, then tries one",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(20);
        await failMany(it, 4);
        assert.deepEqual(it.lane(), { state: "open" });
        await failMany(it, 1);
        const until = it.clock.now() + MINUTE_MS;
        await it.between();
        assert.deepEqual(it.lane(), { state: "paused", until, failures: 5 });
        assert.deepEqual(await it.store.claim(10), { deliveries: [], givenUp: [], nextDueAt: until });
        it.clock.advance(MINUTE_MS - 1);
        assert.deepEqual(await it.claimIds(), []);
        it.clock.advance(1);
        assert.equal((await it.claim()).length, 1);
        assert.deepEqual(await it.claimIds(), [], "no second while one is tried");
      }),
    );

    it(
      "pauses twice as long each time, up to an hour, and costs those who wait no attempt",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(20);
        await failMany(it, 5);
        for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
          await it.between();
          it.clock.advance(minutes * MINUTE_MS - 1);
          assert.deepEqual(await it.claimIds(), [], `within ${minutes} minutes`);
          it.clock.advance(1);
          const tried = await it.claimOne();
          assert.equal(tried.attempts, 0);
          await it.failed(tried, 200 * HOUR_MS);
        }
        it.clock.advance(HOUR_MS);
        await it.delivered(await it.claimOne());
        assert.deepEqual(
          (await it.claim()).map(({ attempts }) => attempts),
          [0, 0, 0, 0, 0, 0],
        );
      }),
    );

    it(
      "opens with a success, and starts from a minute the next time",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(20);
        await failMany(it, 5);
        it.clock.advance(MINUTE_MS);
        await failMany(it, 1);
        it.clock.advance(2 * MINUTE_MS);
        await it.delivered(await it.claimOne());
        await it.between();
        assert.deepEqual(it.lane(), { state: "open" });
        await failMany(it, 5);
        await it.between();
        assert.deepEqual(it.lane(), { state: "paused", until: it.clock.now() + MINUTE_MS, failures: 5 });
      }),
    );

    it(
      "is not paused longer by attempts that were already under way",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(10);
        for (const claimed of await it.claim()) await it.failed(claimed, HOUR_MS);
        await it.between();
        assert.deepEqual(it.lane(), { state: "paused", until: it.clock.now() + MINUTE_MS, failures: 10 });
      }),
    );

    it(
      "takes no failure for a local reason, and no test, for the receiver's",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(10);
        for (const claimed of await it.claim()) await it.failed(claimed, HOUR_MS, localFailure());
        await it.acceptMany(10, { kind: "test", event: "webhook.test" });
        for (const claimed of await it.claim()) await it.gaveUp(claimed, failure());
        await it.between();
        assert.deepEqual(it.lane(), { state: "open" });
      }),
    );

    it(
      "sends tests also while it pauses",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(6);
        await failMany(it, 5);
        const test = await it.accept({ kind: "test", event: "webhook.test" });
        await it.between();
        assert.deepEqual(await it.claimIds(), [test.id]);
      }),
    );

    it(
      "never pauses a lane that does not want it",
      onStore(async (it) => {
        it.configure({ pauses: false });
        await it.acceptMany(20);
        await failMany(it, 15);
        await it.between();
        assert.deepEqual(it.lane(), { state: "open" });
        assert.equal((await it.claim()).length, 5);
      }),
    );

    it(
      "starts without a pause after the integration is enabled again",
      onStore(async (it) => {
        it.configure({ pauses: true });
        await it.acceptMany(20);
        await failMany(it, 5);
        await it.disable();
        await it.between();
        assert.deepEqual(it.lane(), { state: "held" });
        await it.enable();
        await it.between();
        assert.deepEqual(it.lane(), { state: "open" });
        assert.equal((await it.claim(1))[0]?.integration, INTEGRATION);
      }),
    );
  });
}
