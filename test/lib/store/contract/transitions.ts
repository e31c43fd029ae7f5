import assert from "node:assert/strict";
import { DAY_MS } from "../../../../nodes/lib/time/utc-day";
import { failure, INTEGRATION, transition } from "../sample-delivery";
import type { OnStore } from "../store-contract";

export function describeTransitions(onStore: OnStore): void {
  describe("transitions", () => {
    it(
      "writes the status, the snapshot and the audit entry together",
      onStore(async (it) => {
        it.configure();
        await it.accept();
        const last = failure();
        await it.failed(await it.claimOne(), 0, last);
        await it.between();
        const written = await it.transition({ to: "at-risk" });
        assert.equal(written.sequence, 1);
        assert.equal(written.notified, false);
        assert.deepEqual(written.snapshot.lastFailure, last);
        assert.equal(written.snapshot.failuresInARow, 1);
        await it.between();
        const state = await it.state();
        assert.deepEqual(state.transitions, [written]);
        assert.deepEqual(
          [state.status, state.revision, state.episode, state.since, state.generation],
          ["at-risk", 1, "episode-1", it.clock.now(), 1],
        );
        assert.deepEqual(
          state.audit.map(({ action, by }) => [action, by]),
          [["at-risk", "rule failing-days"]],
        );
      }),
    );

    it(
      "lets one of two win that were decided from the same state",
      onStore(async (it) => {
        const { revision } = await it.state();
        const made = transition({ at: it.clock.now() });
        const both = await Promise.all([
          it.store.transition(INTEGRATION, revision, made),
          it.store.transition(INTEGRATION, revision, { ...made, node: "health-2" }),
        ]);
        assert.deepEqual(
          both.map((each) => each?.sequence ?? null),
          [1, null],
        );
        await it.between();
        assert.equal(await it.store.transition(INTEGRATION, revision, made), null);
        assert.equal((await it.state()).audit.length, 1);
      }),
    );

    it(
      "starts a generation with each disabling and each enabling",
      onStore(async (it) => {
        await it.transition({ to: "at-risk" });
        assert.equal((await it.state()).generation, 1);
        await it.transition({ from: "at-risk", to: "disabled" });
        await it.between();
        assert.equal((await it.state()).generation, 2);
        await it.enable();
        await it.between();
        assert.equal((await it.state()).generation, 3);
      }),
    );

    it(
      "tells who listens of each transition once it is written",
      onStore(async (it) => {
        const told: string[] = [];
        const stop = it.store.onTransition((integration) => told.push(integration));
        await it.disable();
        await it.transition({ dryRun: true }, "other");
        assert.equal(await it.store.transition(INTEGRATION, 0, transition()), null);
        assert.deepEqual(told, [INTEGRATION, "other"]);
        stop();
        await it.enable();
        assert.equal(told.length, 2);
      }),
    );

    it(
      "hands out transitions again to the node that decided, for a day, until a notification is claimed",
      onStore(async (it) => {
        const first = await it.transition({ to: "at-risk" });
        await it.transition({ to: "disabled", dryRun: true, from: "at-risk" });
        const second = await it.transition({ from: "at-risk", to: "disabled" });
        await it.transition({ node: "health-2" }, "other");
        await it.between();
        assert.deepEqual(await it.store.unclaimedTransitions("health-1"), [
          { integration: INTEGRATION, transition: first },
          { integration: INTEGRATION, transition: second },
        ]);
        assert.deepEqual(await it.store.unclaimedTransitions("nobody"), []);
        await it.store.queueNotices([], { integration: INTEGRATION, sequence: first.sequence });
        await it.between();
        assert.deepEqual(
          (await it.store.unclaimedTransitions("health-1")).map((each) => each.transition.sequence),
          [second.sequence],
        );
        assert.deepEqual(
          (await it.state()).transitions.map(({ notified }) => notified),
          [true, true, false],
        );
        it.clock.advance(DAY_MS);
        await it.between();
        assert.deepEqual(await it.store.unclaimedTransitions("health-1"), []);
      }),
    );
  });
}
