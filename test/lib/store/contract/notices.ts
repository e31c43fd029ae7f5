import assert from "node:assert/strict";
import { INTEGRATION, notice } from "../sample-delivery";
import type { OnStore } from "../store-contract";

export function describeNotices(onStore: OnStore): void {
  describe("notices", () => {
    it(
      "lets each claim be taken once, whatever happens",
      onStore(async (it) => {
        const { sequence } = await it.transition();
        const of = { integration: INTEGRATION, sequence };
        const ada = notice({ owner: "ada@example.com" });
        const bob = notice({ owner: "bob@example.com", node: "notify-2" });
        const both = await Promise.all([
          it.store.queueNotices([ada, ada], of),
          it.store.queueNotices([{ ...ada, node: "notify-2" }, bob], of),
        ]);
        assert.deepEqual(both, [[ada], [bob]]);
        await it.between();
        assert.deepEqual(await it.store.queueNotices([ada, bob], of), []);
        const later = notice({ owner: "ada@example.com", episode: "episode-2" });
        assert.deepEqual(await it.store.queueNotices([ada, later], of), [later]);
        await it.store.settleNotices([ada.claim, later.claim, bob.claim], { state: "sent" });
        await it.between();
        assert.deepEqual(await it.store.queueNotices([ada, bob, later], of), []);
        assert.deepEqual(await it.store.queuedNotices("notify-1"), []);
      }),
    );

    it(
      "marks the transition as notified in the same write",
      onStore(async (it) => {
        const { sequence } = await it.transition();
        await it.store.queueNotices([notice()], { integration: INTEGRATION, sequence });
        await it.between();
        assert.equal((await it.state()).transitions[0]?.notified, true);
        assert.deepEqual(await it.store.unclaimedTransitions("health-1"), []);
        assert.equal((await it.store.queuedNotices("notify-1")).length, 1);
      }),
    );

    it(
      "keeps notices until they are sent or failed for good, and hands them to their node by due time",
      onStore(async (it) => {
        const { sequence } = await it.transition();
        const notices = ["a", "b", "c", "d"].map((owner, index) =>
          notice({ owner, dueAt: 10 - index, node: owner === "d" ? "notify-2" : "notify-1" }),
        );
        await it.store.queueNotices(notices, { integration: INTEGRATION, sequence });
        await it.between();
        const owners = async (node: string) =>
          (await it.store.queuedNotices(node)).map(({ claim, tries, dueAt }) => [claim.owner, tries, dueAt]);
        assert.deepEqual(await owners("notify-1"), [
          ["c", 0, 8],
          ["b", 0, 9],
          ["a", 0, 10],
        ]);
        assert.deepEqual(await owners("notify-2"), [["d", 0, 7]]);
        const [a, b, c] = notices.map(({ claim }) => claim);
        assert.ok(a && b && c);
        await it.store.settleNotices([c], { state: "retry", at: 99, error: "greylisted" });
        await it.store.settleNotices([b], { state: "failed", error: "no such user" });
        await it.between();
        assert.deepEqual(await owners("notify-1"), [
          ["a", 0, 10],
          ["c", 1, 99],
        ]);
        await it.store.settleNotices([a, c], { state: "sent" });
        await it.between();
        assert.deepEqual(await owners("notify-1"), []);
        assert.deepEqual(await owners("notify-2"), [["d", 0, 7]]);
      }),
    );

    it(
      "hands out copies that its own do not change with",
      onStore(async (it) => {
        const { sequence } = await it.transition();
        const made = notice();
        await it.store.queueNotices([made], { integration: INTEGRATION, sequence });
        await it.store.settleNotices([made.claim], { state: "retry", at: 5, error: "busy" });
        assert.deepEqual([made.tries, made.dueAt], [0, 0]);
        const [handedOut] = await it.store.queuedNotices("notify-1");
        assert.ok(handedOut);
        handedOut.tries = 77;
        await it.between();
        assert.equal((await it.store.queuedNotices("notify-1"))[0]?.tries, 1);
      }),
    );
  });
}
