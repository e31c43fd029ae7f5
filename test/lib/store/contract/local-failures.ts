import assert from "node:assert/strict";
import { HOUR_MS } from "../../../../nodes/lib/time/utc-day";
import { attempt, failure, INTEGRATION, localFailure, sealedAnew, sealedIntegration } from "../sample-delivery";
import type { OnStore } from "../store-contract";
import type { StoreUnderTest } from "../store-under-test";

const blocked = () => localFailure({ reason: "blocked-address" });
const localReason = (it: StoreUnderTest) =>
  it.store.lanes().find(({ integration }) => integration === INTEGRATION)?.localReason;

export function describeLocalFailures(onStore: OnStore): void {
  describe("failures on our side", () => {
    it(
      "says why the last attempt could not be made, until one is made",
      onStore(async (it) => {
        it.configure();
        const [, other] = await it.acceptMany(2);
        const [first, second] = await it.claim();
        assert.ok(first && second);
        assert.equal(localReason(it), null);
        await it.failed(first, HOUR_MS, blocked());
        await it.between();
        assert.equal(localReason(it), "blocked-address");
        const claimed = (await it.claim())[0] ?? second;
        assert.equal(claimed.id, other?.id);
        await it.failed(claimed, HOUR_MS, failure());
        await it.between();
        assert.equal(localReason(it), null);
      }),
    );

    it(
      "makes what failed so due at once when that is asked for, and nothing else",
      onStore(async (it) => {
        it.configure();
        const [refused, unsent, sentAfterwards] = await it.acceptMany(3);
        const byId = new Map((await it.claim()).map((claimed) => [claimed.id, claimed]));
        const claimed = (wanted: { id: string } | undefined) => {
          const found = byId.get(wanted?.id ?? "");
          assert.ok(found);
          return found;
        };
        await it.failed(claimed(refused), HOUR_MS);
        await it.failed(claimed(sentAfterwards), 0, blocked());
        const [again] = await it.claim();
        assert.ok(again);
        await it.failed(again, HOUR_MS, failure());
        await it.failed(claimed(unsent), HOUR_MS, blocked());
        await it.between();
        assert.deepEqual(await it.claimIds(), []);
        it.store.retryLocalFailures(INTEGRATION);
        const due = await it.claimOne();
        assert.deepEqual([due.id, due.localFailures, due.attempts], [unsent?.id, 1, 0]);
        assert.equal(localReason(it), null);
        it.store.retryLocalFailures("unheard-of");
      }),
    );

    it(
      "makes it due when an integration comes with other settings",
      onStore(async (it) => {
        it.configure();
        const settings = sealedIntegration(INTEGRATION);
        const first = await it.accept({ settings });
        await it.failed(await it.claimOne(), HOUR_MS, blocked());
        await it.between();
        const second = await it.accept({ settings });
        const other = await it.claimOne();
        assert.equal(other.id, second.id, "the settings were the same");
        await it.delivered(other, attempt());
        const third = await it.accept({ settings: { ...settings, allowPrivate: true } });
        assert.deepEqual(await it.claimIds(), [first.id, third.id]);
      }),
    );

    it(
      "leaves it for later when an integration comes with the same secrets, sealed once more",
      onStore(async (it) => {
        it.configure();
        await it.accept({ settings: sealedAnew(INTEGRATION) });
        await it.failed(await it.claimOne(), HOUR_MS, blocked());
        await it.between();
        const second = await it.accept({ settings: sealedAnew(INTEGRATION) });
        assert.equal(localReason(it), "blocked-address");
        assert.deepEqual(await it.claimIds(), [second.id]);
      }),
    );
  });
}
