import assert from "node:assert/strict";
import { DAY_MS } from "../../../../nodes/lib/time/utc-day";
import { attempt, failure, INTEGRATION } from "../sample-delivery";
import type { OnStore } from "../store-contract";

export function describeHistory(onStore: OnStore): void {
  describe("log", () => {
    it(
      "shows the last attempts of each event type, newest first",
      onStore(
        async (it) => {
          it.configure();
          const expected: string[] = [];
          for (let index = 0; index < 6; index++) {
            for (const event of ["comment.created", "comment.deleted"] as const) {
              const accepted = await it.accept({ event });
              const made = failure({ responseBody: `no ${index}`, requestHeaders: { a: "ü" }, durationMs: index });
              await it.gaveUp(await it.claimOne(), made);
              if (index >= 3) {
                const entry = {
                  ...made,
                  ...{ integration: INTEGRATION, webhook: accepted.id, event, kind: "event", gaveUp: "exhausted" },
                };
                expected.unshift(JSON.stringify(entry));
              }
            }
            await it.between();
          }
          const log = await it.store.log(INTEGRATION);
          assert.deepEqual(
            log,
            expected.map((entry) => JSON.parse(entry)),
          );
          const created = await it.store.log(INTEGRATION, "comment.created");
          assert.deepEqual(
            created,
            log.filter(({ event }) => event === "comment.created"),
          );
          assert.deepEqual(await it.store.log("unknown"), []);
        },
        { logSize: 3 },
      ),
    );

    it(
      "shows tests and replays as such, and each attempt of a delivery",
      onStore(async (it) => {
        it.configure();
        for (const kind of ["event", "test", "replay"] as const) {
          await it.accept({ kind });
          await it.failed(await it.claimOne(), 0);
          await it.delivered(await it.claimOne());
        }
        await it.between();
        assert.deepEqual(
          (await it.store.log(INTEGRATION)).map(({ kind, outcome, gaveUp }) => [kind, outcome, gaveUp]),
          [
            ["replay", "success", null],
            ["replay", "error", null],
            ["test", "success", null],
            ["test", "error", null],
            ["event", "success", null],
            ["event", "error", null],
          ],
        );
      }),
    );

    it(
      "keeps nothing where nothing is to be kept",
      onStore(
        async (it) => {
          it.configure();
          for (let index = 0; index < 20; index++) {
            await it.accept();
            await it.delivered(await it.claimOne());
          }
          await it.between();
          assert.deepEqual(await it.store.log(INTEGRATION), []);
          assert.deepEqual(await it.store.archive(INTEGRATION), []);
        },
        { logSize: 0, keepDelivered: 0 },
      ),
    );
  });

  describe("archive", () => {
    it(
      "keeps the last delivered ones and all that were given up, whole, newest first",
      onStore(
        async (it) => {
          it.configure();
          const expected: unknown[] = [];
          for (let index = 0; index < 6; index++) {
            for (const gaveUp of [null, "exhausted"] as const) {
              const { body, id } = await it.accept();
              it.clock.advance(1_000);
              if (gaveUp === null) await it.delivered(await it.claimOne());
              else await it.gaveUp(await it.claimOne());
              if (gaveUp !== null || index >= 4) expected.unshift([id, body, it.clock.now(), gaveUp]);
            }
            await it.between();
          }
          assert.deepEqual(
            (await it.store.archive(INTEGRATION)).map(({ delivery, settledAt, gaveUp }) => [
              delivery.id,
              delivery.body,
              settledAt,
              gaveUp,
            ]),
            expected,
          );
        },
        { keepDelivered: 2 },
      ),
    );

    it(
      "forgets given-up ones after their time",
      onStore(
        async (it) => {
          it.configure();
          await it.accept();
          await it.gaveUp(await it.claimOne());
          it.clock.advance(DAY_MS);
          const { id } = await it.accept();
          await it.gaveUp(await it.claimOne());
          await it.between();
          it.clock.advance(DAY_MS);
          assert.deepEqual(
            (await it.store.archive(INTEGRATION)).map(({ delivery }) => delivery.id),
            [id],
          );
        },
        { retentionDays: 2 },
      ),
    );

    it(
      "keeps what the store gave up by itself, and no tests",
      onStore(async (it) => {
        it.configure();
        const { id } = await it.accept();
        await it.accept({ kind: "test", event: "webhook.test" });
        const [test] = await it.claim(1);
        assert.equal(test?.kind, "test");
        await it.gaveUp(test);
        await it.store.discard(INTEGRATION);
        await it.between();
        assert.deepEqual(
          (await it.store.archive(INTEGRATION)).map(({ delivery, gaveUp }) => [delivery.id, gaveUp]),
          [[id, "discarded"]],
        );
        assert.equal((await it.store.log(INTEGRATION)).length, 1, "what was not attempted is not in the log");
      }),
    );

    it(
      "keeps what is delivered after a retry as it was accepted",
      onStore(async (it) => {
        it.configure();
        const accepted = await it.accept({ body: '{"text":"ü \\"body\\": 1"}' });
        await it.failed(await it.claimOne(), 0);
        await it.between();
        await it.delivered(await it.claimOne(), attempt());
        await it.between();
        const [archived] = await it.store.archive(INTEGRATION);
        const { body, origin, id, event, scheme, orderKey } = archived?.delivery ?? assert.fail("nothing is archived");
        assert.deepEqual(
          { body, origin, id, event, scheme, orderKey, integration: INTEGRATION, kind: "event" },
          accepted,
        );
      }),
    );
  });
}
