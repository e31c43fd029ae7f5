import assert from "node:assert/strict";
import type { HealthStatus, IntegrationState, NewTransition } from "../../../nodes/lib/health/integration-ledger";
import { applyTransition, freshState, recordOutcome, transitionOf } from "../../../nodes/lib/health/integration-state";
import { attempt, november, tell } from "./told-history";

const START = november("01");

function change(from: HealthStatus, to: HealthStatus, day: string, more: Partial<NewTransition> = {}): NewTransition {
  return {
    from,
    to,
    cause: { cause: "rule", rule: "consecutive" },
    at: november(day),
    episode: "episode-1",
    dryRun: false,
    suspended: false,
    rule: "consecutive",
    explanation: "20 failed attempts in a row",
    node: "check",
    ...more,
  };
}

function write(state: IntegrationState, ...changes: NewTransition[]): void {
  for (const next of changes) applyTransition(state, transitionOf(state, next, null));
}

describe("the state of an integration", () => {
  it("starts active, in generation 1", () => {
    const state = freshState("i", START);
    const { status, since, generation, revision, episode } = state;
    assert.deepEqual(
      { status, since, generation, revision, episode },
      {
        status: "active",
        since: START,
        generation: 1,
        revision: 0,
        episode: null,
      },
    );
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
  });

  it("follows a whole life: at risk, disabled, enabled", () => {
    const state = freshState("i", START);
    write(state, change("active", "at-risk", "10"));
    assert.deepEqual(
      [state.status, state.since, state.episode, state.atRiskSince, state.generation, state.revision],
      ["at-risk", november("10"), "episode-1", november("10"), 1, 1],
    );
    write(state, change("at-risk", "disabled", "11"));
    assert.deepEqual(
      [state.status, state.since, state.episode, state.atRiskSince, state.generation, state.revision],
      ["disabled", november("11"), "episode-1", november("10"), 2, 2],
    );
    write(state, change("disabled", "active", "12", { cause: { cause: "person", by: "Ann" }, rule: null }));
    assert.deepEqual(
      [state.status, state.since, state.episode, state.atRiskSince, state.generation, state.revision],
      ["active", november("12"), null, null, 3, 3],
    );
    assert.equal(state.lastEpisode, null);
  });

  it("keeps its generation when it recovers, and the episode open", () => {
    const state = freshState("i", START);
    write(
      state,
      change("active", "at-risk", "10"),
      change("at-risk", "active", "11", { cause: { cause: "recovered" } }),
    );
    assert.equal(state.generation, 1);
    assert.deepEqual(state.lastEpisode, { episode: "episode-1", endedAt: november("11") });
  });

  it("starts streaks anew with every disabling and enabling, and keeps the days", () => {
    const state = freshState("i", START);
    tell(state.history, [["02", "http5xx", 9]]);
    write(state, change("active", "disabled", "02"));
    assert.equal(state.history.failuresInARow, 0);
    assert.equal(state.history.generation, 2);
    write(state, change("disabled", "active", "03"));
    assert.equal(state.history.generation, 3);
    assert.equal(state.history.days[0]?.http5xx, 9);
  });

  it("is left alone by dry runs and suspended changes, which are numbered, audited and never waited for", () => {
    for (const flags of [{ dryRun: true }, { suspended: true }, { dryRun: true, suspended: true }]) {
      const state = freshState("i", START);
      const before = structuredClone(state);
      write(state, change("active", "disabled", "02", flags));
      assert.deepEqual({ ...state, revision: 0, transitions: [], audit: [] }, before);
      assert.equal(state.revision, 1);
      assert.deepEqual([state.transitions[0]?.sequence, state.transitions[0]?.notified], [1, true]);
    }
  });

  it("audits each change with who caused it", () => {
    const state = freshState("i", START);
    write(
      state,
      change("active", "disabled", "02", { dryRun: true }),
      change("active", "at-risk", "03"),
      change("at-risk", "disabled", "04", { suspended: true }),
      change("at-risk", "active", "05", { cause: { cause: "recovered" }, rule: null }),
      change("active", "disabled", "06", { cause: { cause: "receiver", signal: "410" } }),
      change("disabled", "active", "07", { cause: { cause: "person", by: "Ann" }, explanation: "enabled by Ann" }),
    );
    assert.deepEqual(
      state.audit.map(({ action, by }) => [action, by]),
      [
        ["disabled (dry run)", "rule consecutive"],
        ["at-risk", "rule consecutive"],
        ["disabled (suspended)", "rule consecutive"],
        ["active", "receiver"],
        ["disabled", "receiver"],
        ["enabled", "Ann"],
      ],
    );
    assert.deepEqual(state.audit[5], { at: november("07"), action: "enabled", by: "Ann", detail: "enabled by Ann" });
  });

  it("is the same whenever the same transitions are applied", () => {
    const first = freshState("i", START);
    for (let round = 0; round < 40; round++) {
      write(
        first,
        change("active", "at-risk", "10"),
        change("at-risk", "disabled", "11"),
        change("disabled", "active", "12"),
      );
    }
    const written = freshState("i", START);
    const again = freshState("i", START);
    for (let round = 0; round < 40; round++) {
      for (const next of [
        change("active", "at-risk", "10"),
        change("at-risk", "disabled", "11"),
        change("disabled", "active", "12"),
      ]) {
        const transition = transitionOf(written, next, null);
        applyTransition(written, transition);
        applyTransition(again, JSON.parse(JSON.stringify(transition)));
      }
    }
    assert.deepEqual(again, first);
  });

  it("keeps 50 transitions, the whole snapshot of the last ten, and 200 audit entries", () => {
    const state = freshState("i", START);
    for (let day = 1; day <= 9; day++) tell(state.history, [[`0${day}`, "http5xx"]]);
    const example = attempt("a", "error", "http-500", 500);
    for (let count = 0; count < 150; count++) {
      for (const next of [change("active", "at-risk", "10"), change("at-risk", "active", "10")]) {
        applyTransition(state, transitionOf(state, next, example));
      }
    }
    assert.equal(state.transitions.length, 50);
    assert.equal(state.audit.length, 200);
    assert.deepEqual([state.transitions[0]?.sequence, state.transitions[49]?.sequence], [251, 300]);
    assert.deepEqual(
      state.transitions.map(({ snapshot }) => [snapshot.days.length, snapshot.lastFailure?.attemptId]),
      [...Array.from({ length: 40 }, () => [0, undefined]), ...Array.from({ length: 10 }, () => [7, "a"])],
    );
  });
});

describe("a transition", () => {
  it("holds what was true before it: counts, run, last failure", () => {
    const state = freshState("i", START);
    tell(state.history, [["02", "http5xx", 9]]);
    const example = attempt("a", "error", "http-500", 500);
    const transition = transitionOf(state, change("active", "disabled", "02"), example);
    applyTransition(state, transition);
    tell(state.history, [["02", "http5xx", 5]], 2);
    assert.equal(transition.snapshot.failuresInARow, 9);
    assert.equal(transition.snapshot.lastFailure, example);
    assert.deepEqual(
      transition.snapshot.days.map(({ date, http5xx }) => [date, http5xx]),
      [["2026-11-02", 9]],
    );
    assert.equal(transition.notified, false);
  });
});

describe("recording an outcome", () => {
  it("counts and groups it", () => {
    const state = freshState("i", START);
    recordOutcome(state, attempt("a", "error", "http-404", 404), november("02"), { counted: true });
    recordOutcome(state, attempt("b", "success", null, 200), november("03"), { counted: true });
    assert.deepEqual(
      state.history.days.map(({ date, success, http4xx, generation }) => [date, success, http4xx, generation]),
      [
        ["2026-11-03", 1, 0, 1],
        ["2026-11-02", 0, 1, 1],
      ],
    );
    assert.equal(state.groups.length, 1);
  });

  it("groups without counting what does not count, and what failed for a local reason", () => {
    const state = freshState("i", START);
    recordOutcome(state, attempt("a", "error", "http-404", 404), november("02"), { counted: false });
    recordOutcome(state, attempt("b", null, "no-secret"), november("02"), { counted: true });
    assert.deepEqual(state.history, freshState("i", START).history);
    assert.deepEqual(
      state.groups.map(({ reason }) => reason),
      ["http-404", "no-secret"],
    );
  });

  it("counts under the generation of the state", () => {
    const state = freshState("i", START);
    write(state, change("active", "disabled", "02"), change("disabled", "active", "02"));
    recordOutcome(state, attempt("a", "timeout", "refused"), november("02 10:00"), { counted: true });
    assert.equal(state.history.days[0]?.generation, 3);
    assert.equal(state.history.failuresInARow, 1);
  });
});
