import assert from "node:assert/strict";
import type { Outcome } from "../../../nodes/lib/delivery/attempt";
import { commandTransition } from "../../../nodes/lib/health/command";
import type { Cause, IntegrationState, NewTransition } from "../../../nodes/lib/health/integration-ledger";
import { applyTransition, freshState, transitionOf } from "../../../nodes/lib/health/integration-state";
import { isProbed, nextProbeAt, probedTransition } from "../../../nodes/lib/health/probe";
import { Prober } from "../../../nodes/lib/health/prober";
import { HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { FakeClock } from "../../fixtures/fake-clock";

const RULE: Cause = { cause: "rule", rule: "consecutive" };
const START = Date.parse("2026-11-23T12:00:00.000Z");

function write(state: IntegrationState, change: NewTransition | null): void {
  assert.ok(change);
  applyTransition(state, transitionOf(state, change, null));
}

function disable(state: IntegrationState, at: number, changes: Partial<NewTransition> = {}): void {
  write(state, {
    ...{ from: state.status, to: "disabled", cause: RULE, at, episode: "e", dryRun: false, suspended: false },
    ...{ rule: "consecutive", explanation: "40 failed attempts in a row", node: "check" },
    ...changes,
  });
}

function enable(state: IntegrationState, at: number): void {
  write(
    state,
    commandTransition(state, "enable", "Ann", at, "check", () => "e"),
  );
}

describe("probing", () => {
  const disabledBy = (changes: Partial<NewTransition>) => {
    const state = freshState("i", START);
    disable(state, START, changes);
    return state;
  };

  it("is for what this health check disabled by a rule, and for nothing else", () => {
    assert.equal(isProbed(freshState("i", START), "check"), false);
    assert.equal(isProbed(disabledBy({}), "check"), true);
    assert.equal(isProbed(disabledBy({ node: "another" }), "check"), false);
    assert.equal(isProbed(disabledBy({ cause: { cause: "person", by: "Ann" } }), "check"), false);
    assert.equal(isProbed(disabledBy({ cause: { cause: "receiver", signal: "410" } }), "check"), false);
    assert.equal(isProbed(disabledBy({ dryRun: true }), "check"), false);
    const again = disabledBy({});
    enable(again, START + 1);
    assert.equal(isProbed(again, "check"), false);
  });

  it("is due at whole intervals since the disabling, whatever restarts", () => {
    assert.equal(nextProbeAt(START, HOUR_MS, START), START + HOUR_MS);
    assert.equal(nextProbeAt(START, HOUR_MS, START + HOUR_MS - 1), START + HOUR_MS);
    assert.equal(nextProbeAt(START, HOUR_MS, START + HOUR_MS), START + 2 * HOUR_MS);
    assert.equal(nextProbeAt(START, HOUR_MS, START + 2.5 * HOUR_MS), START + 3 * HOUR_MS);
    assert.equal(nextProbeAt(START, HOUR_MS, START - 5 * HOUR_MS), START + HOUR_MS);
  });

  it("enables in the same episode, says why, and is not a person in the audit", () => {
    const state = disabledBy({});
    write(state, probedTransition(state, state.generation, 3, START + HOUR_MS, "check"));
    const [, entry] = state.audit;
    assert.deepEqual(
      [state.status, state.generation, entry?.action, entry?.by, entry?.detail, state.transitions[1]?.episode],
      ["active", 3, "enabled", "probe", "3 test events in a row were answered well", "e"],
    );
    assert.equal(probedTransition(disabledBy({}), 2, 1, START, "check")?.explanation, "a test event was answered well");
  });

  it("does not enable what was enabled or disabled anew meanwhile", () => {
    const state = disabledBy({});
    const { generation } = state;
    enable(state, START + 1);
    assert.equal(probedTransition(state, generation, 3, START + 2, "check"), null);
    disable(state, START + 3);
    assert.equal(probedTransition(state, generation, 3, START + 4, "check"), null);
  });
});

describe("Prober", () => {
  let clock: FakeClock;
  let state: IntegrationState;
  let tested: number[];
  let recovered: number[];
  let errors: unknown[];
  let readable: boolean;

  const prober = (needed: number) =>
    new Prober({
      ...{ node: "check", needed, everyMs: HOUR_MS, clock },
      state: async () => {
        if (!readable) throw new Error("the store is closed");
        return structuredClone(state);
      },
      test: async () => {
        tested.push(clock.now());
      },
      recovered: async (_integration, generation, good) => {
        recovered.push(good);
        write(state, probedTransition(state, generation, good, clock.now(), "check"));
      },
      onError: (error) => errors.push(error),
    });
  /** Lets time pass, and what was begun then come to its end. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const answers = async (each: Prober, ...outcomes: (Outcome | null)[]) => {
    for (const outcome of outcomes) {
      await pass(HOUR_MS);
      await each.answered("i", state.generation, outcome);
      each.look(state);
    }
  };

  beforeEach(() => {
    clock = new FakeClock(START);
    state = freshState("i", START);
    tested = [];
    recovered = [];
    errors = [];
    readable = true;
  });

  it("sends a test event at each interval while an integration is disabled, and none at any other time", async () => {
    const each = prober(3);
    each.look(state);
    assert.equal(clock.timers, 0);
    disable(state, START);
    await pass(10 * MINUTE_MS);
    each.look(state);
    each.look(state);
    assert.equal(clock.timers, 1);
    await pass(50 * MINUTE_MS);
    await pass(HOUR_MS);
    assert.deepEqual(tested, [START + HOUR_MS, START + 2 * HOUR_MS]);
    enable(state, clock.now());
    await pass(HOUR_MS);
    assert.deepEqual([tested.length, clock.timers], [2, 0]);
  });

  it("has recovered after so many good answers in a row", async () => {
    const each = prober(2);
    disable(state, START);
    each.look(state);
    await answers(each, "success", "error", "success", null, "timeout", "success", null);
    assert.deepEqual(recovered, []);
    await answers(each, "success");
    assert.deepEqual([recovered, state.status, clock.timers], [[2], "active", 0]);
  });

  it("counts no answer from before it was disabled anew", async () => {
    const each = prober(2);
    disable(state, START);
    each.look(state);
    const { generation } = state;
    await answers(each, "success");
    enable(state, clock.now());
    disable(state, clock.now());
    each.look(state);
    await each.answered("i", generation, "success");
    await answers(each, "success");
    assert.deepEqual(recovered, []);
  });

  it("goes on after a restart from the state alone, and counts anew", async () => {
    const before = prober(2);
    disable(state, START);
    before.look(state);
    await answers(before, "success");
    before.stop();
    assert.equal(clock.timers, 0);
    await pass(30 * MINUTE_MS);
    const each = prober(2);
    each.look(state);
    await pass(30 * MINUTE_MS);
    assert.deepEqual(tested, [START + HOUR_MS, START + 2 * HOUR_MS]);
    await each.answered("i", state.generation, "success");
    assert.deepEqual(recovered, []);
    await answers(each, "success");
    assert.deepEqual(recovered, [2]);
  });

  it("does nothing when it is switched off or stopped", async () => {
    disable(state, START);
    prober(0).look(state);
    const stopped = prober(1);
    stopped.look(state);
    stopped.stop();
    stopped.look(state);
    assert.equal(clock.timers, 0);
    await stopped.answered("i", state.generation, "success");
    assert.deepEqual(recovered, []);
  });

  it("goes on when the state could not be read", async () => {
    const each = prober(1);
    disable(state, START);
    each.look(state);
    readable = false;
    await pass(HOUR_MS);
    assert.equal(errors.length, 1);
    readable = true;
    await pass(HOUR_MS);
    assert.deepEqual(tested, [START + 2 * HOUR_MS]);
  });
});
