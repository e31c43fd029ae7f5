import assert from "node:assert/strict";
import type { Attempt } from "../../../../nodes/lib/delivery/attempt";
import { MINUTE_MS, utcDay } from "../../../../nodes/lib/time/utc-day";
import { attempt, failure, INTEGRATION, localFailure, ONE_OF_EACH_CLASS, settlement, unique } from "../sample-delivery";
import type { OnStore } from "../store-contract";

const NOTHING = { success: 0, http4xx: 0, http429: 0, http5xx: 0, otherAnswer: 0, noAnswer: 0, fatal: 0 };

export function describeCounting(onStore: OnStore): void {
  describe("counting", () => {
    it(
      "counts each attempt once, in its class, with the write that settles it",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        for (const made of ONE_OF_EACH_CLASS) {
          await it.failed(await it.claimOne(), 0, made);
          await it.between();
        }
        await it.gaveUp(await it.claimOne());
        await it.between();
        const { history, groups } = await it.state();
        assert.deepEqual(history.days, [
          {
            date: utcDay(it.clock.now()),
            generation: 1,
            ...{ success: 1, http4xx: 1, http429: 1, http5xx: 2, otherAnswer: 1, noAnswer: 1, fatal: 1 },
          },
        ]);
        assert.equal(history.failuresInARow, 7);
        assert.deepEqual(
          groups.map(({ reason, count }) => [reason, count]),
          [
            ["http-404", 1],
            ["http-429", 1],
            ["http-500", 2],
            ["http-302", 1],
            ["timeout", 1],
            ["http-410", 1],
          ],
        );
      }),
    );

    it(
      "counts an attempt once when it is settled twice",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        const claimed = await it.claimOne();
        const made = attempt();
        await Promise.all([it.delivered(claimed, made), it.delivered(claimed, made)]);
        await it.delivered(claimed, made);
        await it.between();
        assert.equal((await it.state()).history.days[0]?.success, 1);
        assert.equal((await it.store.log(INTEGRATION)).length, 1);
      }),
    );

    it(
      "takes the answer to a delivery that was released meanwhile, and stays within its limit",
      onStore(async (it) => {
        it.configure({ concurrency: 1 });
        await it.acceptMany(3);
        const claimed = await it.claimOne();
        await it.store.release([claimed]);
        await it.failed(claimed, 60_000);
        const next = await it.claimOne();
        assert.notEqual(next.id, claimed.id, "the failed one waits for its time");
        assert.deepEqual(await it.claimIds(), [], "one at a time");
        await it.store.release([next]);
        await it.delivered(next);
        assert.equal((await it.claim()).length, 1);
        await it.between();
        assert.equal(it.waiting(), 2);
        const { days } = (await it.state()).history;
        assert.deepEqual([days[0]?.success, days[0]?.http5xx], [1, 1]);
      }),
    );

    it(
      "never counts tests, replays, and failures for a local reason",
      onStore(async (it) => {
        it.configure();
        for (const kind of ["test", "replay"] as const) {
          await it.accept({ kind });
          await it.failed(await it.claimOne(), 0);
          await it.delivered(await it.claimOne());
        }
        await it.accept();
        await it.failed(await it.claimOne(), 0, localFailure());
        await it.between();
        const { history, groups } = await it.state();
        assert.deepEqual(history.days, []);
        assert.equal(history.failuresInARow, 0);
        assert.deepEqual(
          groups.map(({ reason, outcome, count }) => [reason, outcome, count]),
          [["local-dns", null, 1]],
          "grouped, so that someone can find out why",
        );
      }),
    );

    it(
      "never counts answers of an older generation",
      onStore(async (it) => {
        it.configure();
        await it.acceptMany(2);
        const [first, second] = await it.claim();
        assert.ok(first && second);
        await it.delivered(first);
        await it.disable();
        await it.gaveUp(second);
        await it.between();
        const { history, generation } = await it.state();
        assert.equal(generation, 2);
        assert.equal(history.failuresInARow, 0);
        assert.deepEqual(
          history.days.map(({ generation: of, success, http5xx }) => [of, success, http5xx]),
          [[1, 1, 0]],
        );
      }),
    );

    it(
      "knows how many integrations got no answer of late",
      onStore(async (it) => {
        for (const integration of ["a", "b", "c"]) {
          it.configure({}, integration);
          await it.accept({ integration });
        }
        for (const claimed of await it.claim()) {
          const answered = claimed.integration === "a";
          await it.gaveUp(
            claimed,
            answered ? failure() : attempt({ outcome: "timeout", reason: "dns", statusCode: 0 }),
          );
        }
        await it.between();
        assert.deepEqual(await it.store.reach(), { active: 3, withoutAnswer: 2 });
        await it.disable("c");
        assert.deepEqual(await it.store.reach(), { active: 2, withoutAnswer: 1 });
        it.clock.advance(5 * 60_000);
        await it.between();
        assert.deepEqual(await it.store.reach(), { active: 0, withoutAnswer: 0 });
      }),
    );

    it(
      "holds nothing against an integration that got no answer in an outage of ours, from its first attempt on",
      onStore(async (it) => {
        const integrations = ["a", "b", "c", "d", "e"];
        const call = async (integration: string, made: Partial<Attempt> = {}) => {
          it.clock.advance(MINUTE_MS);
          it.configure({}, integration);
          await it.accept({ integration });
          await it.gaveUp(await it.claimOne(), attempt({ startedAt: it.clock.now(), ...made }));
          await it.between();
        };
        const silence = { outcome: "timeout", reason: "timeout", statusCode: 0 } as const;
        const failuresOfA = async () => {
          const { history, fair } = await it.state("a");
          return { counted: history.failuresInARow, held: (fair?.history ?? history).failuresInARow };
        };
        for (const integration of integrations) await call(integration);

        await call("a", silence);
        assert.deepEqual(await failuresOfA(), { counted: 1, held: 0 }, "while it is not clear");
        for (const integration of integrations.slice(1)) await call(integration, silence);
        await call("a", silence);
        assert.deepEqual(await failuresOfA(), { counted: 2, held: 0 }, "since nobody was reached");
        assert.equal((await it.state("a")).history.days[0]?.noAnswer, 2);

        await call("b");
        await call("a", silence);
        await call("b");
        const { attempt: _, ...made } = failure({ startedAt: it.clock.now() });
        await it.store.countForeign({ ...made, integration: "a" });
        await it.between();
        assert.deepEqual(await failuresOfA(), { counted: 4, held: 2 }, "others were reached again");

        await it.disable("a");
        await it.between();
        assert.equal((await it.state("a")).fair, null);
      }),
    );

    it(
      "counts attempts of other senders once per id",
      onStore(async (it) => {
        const { attempt: _, ...made } = failure();
        const foreign = { ...made, integration: "foreign" };
        const [one, two] = await Promise.all([it.store.countForeign(foreign), it.store.countForeign(foreign)]);
        assert.equal(one.history.failuresInARow, 1);
        assert.equal(two.history.failuresInARow, 1);
        await it.between();
        await it.store.countForeign(foreign);
        await it.store.countForeign({ ...foreign, attemptId: `att_${unique()}` });
        await it.between();
        const { history, groups } = await it.state("foreign");
        assert.deepEqual(history.days, [{ date: utcDay(it.clock.now()), generation: 1, ...NOTHING, http5xx: 2 }]);
        assert.equal(groups[0]?.count, 2);
        assert.equal(groups[0]?.openedBy, foreign.attemptId);
      }),
    );

    it(
      "settles nothing for what it does not know",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        const claimed = await it.claimOne();
        await it.store.settle(settlement({ ...claimed, id: "msg_unknown" }, attempt(), { state: "delivered" }));
        await it.store.settle(settlement({ ...claimed, integration: "unknown" }, attempt(), { state: "delivered" }));
        await it.between();
        assert.deepEqual((await it.state()).history.days, []);
        assert.equal(it.waiting(), 1);
      }),
    );

    it(
      "lists every integration of which something is known",
      onStore(async (it) => {
        await it.state("only asked for");
        assert.deepEqual(await it.store.integrations(), []);
        it.configure({}, "a");
        await it.accept({ integration: "a" });
        const { attempt: _, ...made } = failure();
        await it.store.countForeign({ ...made, integration: "b/../c" });
        await it.transition({}, "ü");
        await it.between();
        assert.deepEqual((await it.store.integrations()).sort(), ["a", "b/../c", "ü"]);
      }),
    );
  });
}
