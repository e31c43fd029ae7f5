import assert from "node:assert/strict";
import { delivery, sealedIntegration } from "../sample-delivery";
import type { OnStore } from "../store-contract";

export function describeAccepting(onStore: OnStore): void {
  describe("accepting", () => {
    it(
      "hands out what was accepted as it was",
      onStore(async (it) => {
        it.configure();
        const hostile = 'a "quoted" \\ text\u2028with\u2029separators, "body":{"n":1}, 🧨, \\u0000 and Ω';
        const accepted = await it.accept({
          body: JSON.stringify({ comment: hostile, nested: { body: "}" } }),
          orderKey: hostile,
          event: "comment.updated",
          scheme: "sentry",
          origin: {
            node: "n",
            msgid: "m",
            topic: { a: [1, null] },
            parts: { id: 1 },
            carry: { "a.b": "ü", ["__proto__"]: 1 },
          },
        });
        const acceptedAt = it.clock.now();
        await it.between();
        it.clock.advance(5_000);
        assert.deepEqual(await it.claimOne(), {
          ...accepted,
          generation: 1,
          acceptedAt,
          attempts: 0,
          localFailures: 0,
          heldMs: 0,
        });
      }),
    );

    it(
      "takes a second copy for a duplicate while the first waits, is in flight, and after it was delivered or given up",
      onStore(async (it) => {
        it.configure();
        const [first, second] = [await it.accept(), await it.accept()];
        await it.between();
        assert.equal(await it.store.accept(first), "duplicate");
        const claimed = await it.claim();
        assert.equal(await it.store.accept(first), "duplicate");
        for (const each of claimed) {
          if (each.id === first.id) await it.delivered(each);
          else await it.gaveUp(each);
        }
        assert.equal(await it.store.accept(first), "duplicate");
        await it.between();
        assert.equal(await it.store.accept(first), "duplicate");
        assert.equal(await it.store.accept(second), "duplicate");
        assert.deepEqual(await it.claimIds(), []);
      }),
    );

    it(
      "keeps one of two copies that come at the same moment",
      onStore(async (it) => {
        it.configure();
        const both = delivery();
        const answers = await Promise.all([it.store.accept(both), it.store.accept({ ...both })]);
        assert.deepEqual(answers.sort(), ["accepted", "duplicate"]);
        await it.between();
        assert.deepEqual(await it.claimIds(), [both.id]);
      }),
    );

    it(
      "tells the same id of two integrations apart",
      onStore(async (it) => {
        it.configure();
        it.configure({}, "integration-2");
        const one = await it.accept();
        assert.equal(await it.store.accept({ ...one, integration: "integration-2" }), "accepted");
        await it.between();
        assert.deepEqual(
          (await it.claim()).map(({ integration, id }) => [integration, id]),
          [
            [one.integration, one.id],
            ["integration-2", one.id],
          ],
        );
      }),
    );

    it(
      "remembers the last thousand settled ids of an integration",
      onStore(async (it) => {
        it.configure();
        const all = await it.acceptMany(1_000);
        for (const claimed of await it.claim()) void it.delivered(claimed);
        const last = await it.accept();
        await it.delivered(await it.claimOne());
        await it.between();
        assert.equal(await it.store.accept(last), "duplicate");
        const copies = await Promise.all(all.slice(1).map((each) => it.store.accept(each)));
        assert.deepEqual(new Set(copies), new Set(["duplicate"]));
      }),
    );

    it(
      "accepts a replay of what was settled, once while it waits",
      onStore(async (it) => {
        it.configure();
        const event = await it.accept();
        await it.gaveUp(await it.claimOne());
        await it.between();
        const replay = { ...event, kind: "replay" } as const;
        assert.equal(await it.store.accept(replay), "accepted");
        assert.equal(await it.store.accept(replay), "duplicate");
        await it.between();
        assert.equal(await it.store.accept(replay), "duplicate");
        const claimed = await it.claimOne();
        assert.equal(claimed.kind, "replay");
        await it.delivered(claimed);
        assert.equal(await it.store.accept(event), "duplicate");
        assert.equal(await it.store.accept(replay), "accepted");
      }),
    );

    it(
      "keeps the latest settings of an integration given in messages",
      onStore(async (it) => {
        it.configure({}, "customer-1");
        assert.equal(await it.store.settings("customer-1"), null);
        const first = sealedIntegration("customer-1");
        await it.accept({ integration: "customer-1", settings: first });
        await it.between();
        assert.deepEqual(await it.store.settings("customer-1"), first);
        const second = sealedIntegration("customer-1", { url: "https://new.example/", sealedSecrets: "v1.abc" });
        await it.accept({ integration: "customer-1", settings: second });
        await it.accept({ integration: "customer-1" });
        await it.between();
        assert.deepEqual(await it.store.settings("customer-1"), second);
        for (const claimed of await it.claim()) await it.delivered(claimed);
        await it.between();
        assert.deepEqual(await it.store.settings("customer-1"), second);
      }),
    );

    it(
      "says when something may leave that could not before",
      onStore(async (it) => {
        it.configure();
        await it.between();
        let called = 0;
        const stop = it.store.onClaimable(() => {
          called += 1;
        });
        await it.accept();
        assert.ok(called > 0, "after accepting");
        const claimed = await it.claimOne();
        called = 0;
        await it.store.release([claimed]);
        assert.ok(called > 0, "after releasing");
        const again = await it.claimOne();
        called = 0;
        await it.delivered(again);
        assert.ok(called > 0, "after settling");
        called = 0;
        stop();
        await it.accept();
        assert.equal(called, 0);
      }),
    );
  });
}
