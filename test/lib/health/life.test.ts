import assert from "node:assert/strict";
import type { Attempt, Outcome, Reason } from "../../../nodes/lib/delivery/attempt";
import { commandTransition } from "../../../nodes/lib/health/command";
import { decide } from "../../../nodes/lib/health/decide";
import type { Transition } from "../../../nodes/lib/health/integration-ledger";
import { applyTransition, freshState, recordOutcome, transitionOf } from "../../../nodes/lib/health/integration-state";
import { DEFAULT_RULES, evaluateRules, parseRules } from "../../../nodes/lib/health/rules";
import type { Random } from "../../../nodes/lib/time/clock";
import { DAY_MS, HOUR_MS, MINUTE_MS, utcDay } from "../../../nodes/lib/time/utc-day";
import { seededRandom } from "./seeded-random";
import { attempt, november } from "./told-history";

const RULES = [
  ...DEFAULT_RULES,
  ...parseRules([{ rule: "consecutive" }, { rule: "failure-rate", attempts: 50 }], "rules"),
];
const MIN_WARNING_MS = 24 * HOUR_MS;

/** An attempt with chances that change now and then: quiet weeks, outages, flapping, hard 410s. */
function chance(random: Random, mood: number, id: string): Attempt {
  const outcomes: [Outcome | null, Reason | null, number][] =
    random() < mood
      ? [["success", null, 200]]
      : [
          ["error", "http-500", 500],
          ["error", "http-404", 404],
          ["error", "http-429", 429],
          ["timeout", "timeout", 0],
          ["timeout", "refused", 0],
          [null, "local-dns", 0],
        ];
  if (random() < 0.0005) return attempt(id, "fatal", "http-410", 410);
  const [outcome, reason, status] = outcomes[Math.floor(random() * outcomes.length)] ?? ["success", null, 200];
  return attempt(id, outcome, reason, status);
}

/** A year in the life of an integration: what was written, and what was true at each step. */
function live(seed: number, check: (written: Transition, before: ReturnType<typeof freshState>) => void) {
  const random = seededRandom(seed);
  const state = freshState("i", november("01"));
  const written: Transition[] = [];
  let nowMs = state.since;
  let mood = 1;
  let pace = HOUR_MS;
  let episodes = 0;
  const newEpisodeId = () => `episode-${++episodes}`;
  const end = nowMs + 365 * DAY_MS;
  for (let step = 0; nowMs < end; step++) {
    if (random() < 0.02) mood = [1, 0.95, 0.5, 0, 0][Math.floor(random() * 5)] ?? 1;
    if (random() < 0.01) pace = [MINUTE_MS, HOUR_MS, 9 * HOUR_MS, DAY_MS][Math.floor(random() * 4)] ?? HOUR_MS;
    nowMs += Math.floor(2 * pace * random());
    // A clock set back now and then.
    if (random() < 0.002) nowMs -= Math.floor(30 * HOUR_MS * random());
    const made = chance(random, mood, `attempt-${step}`);
    const counted = state.status !== "disabled" && made.outcome !== null;
    recordOutcome(state, made, nowMs, { counted });
    const outage = random() < 0.05;
    const verdicts = evaluateRules(RULES, "all", state.history, state.generation, nowMs);
    const next =
      random() < (state.status === "disabled" ? 0.05 : 0.0005)
        ? commandTransition(state, state.status === "disabled" ? "enable" : "disable", "Ann", nowMs, "c", newEpisodeId)
        : decide({
            state,
            verdicts,
            fairVerdicts: verdicts,
            nowMs,
            warnAt: 0.5,
            minWarningMs: MIN_WARNING_MS,
            mode: "disable",
            lastOutcome: counted ? made.outcome : null,
            reach: { active: 10, withoutAnswer: outage ? 9 : 0 },
            node: "c",
            newEpisodeId,
          });
    if (next === null) continue;
    const transition = transitionOf(state, next, null);
    check(transition, state);
    applyTransition(state, transition);
    written.push(transition);
  }
  return { state, written };
}

describe("a year in the life of an integration, by chance", () => {
  const lives = 40;

  it("disables by a rule only after the warning time at risk, and never during our own outage", () => {
    let disablings = 0;
    for (let seed = 1; seed <= lives; seed++) {
      live(seed, ({ to, cause, at, suspended }, { status, atRiskSince }) => {
        if (to !== "disabled" || cause.cause !== "rule") return;
        if (!suspended) disablings++;
        assert.equal(status, "at-risk");
        assert.ok(at - (atRiskSince ?? at) >= MIN_WARNING_MS);
      });
    }
    assert.ok(disablings > lives, `${disablings}`);
  });

  it("goes only ways that exist, each from where it stands", () => {
    const ways = new Set<string>();
    for (let seed = 1; seed <= lives; seed++) {
      live(seed, ({ from, to, cause, suspended }, { status }) => {
        assert.equal(from, status);
        ways.add(`${from} to ${to} by ${cause.cause}${suspended ? ", suspended" : ""}`);
      });
    }
    assert.deepEqual([...ways].sort(), [
      "active to at-risk by rule",
      "active to disabled by person",
      "active to disabled by receiver",
      "at-risk to active by recovered",
      "at-risk to disabled by person",
      "at-risk to disabled by receiver",
      "at-risk to disabled by rule",
      "at-risk to disabled by rule, suspended",
      "disabled to active by person",
    ]);
  });

  it("keeps an episode from leaving active to being active again, and takes it up within 24 hours only", () => {
    for (let seed = 1; seed <= lives; seed++) {
      const { written } = live(seed, () => {});
      const seen = new Set<string>();
      let last: Transition | undefined;
      for (const transition of written) {
        if (last === undefined || last.to !== "active" || last.suspended) {
          if (last !== undefined) assert.equal(transition.episode, last.episode);
        } else if (last.from === "at-risk" && transition.at - last.at <= DAY_MS) {
          assert.equal(transition.episode, last.episode);
        } else {
          assert.ok(!seen.has(transition.episode));
        }
        seen.add(transition.episode);
        last = transition;
      }
    }
  });

  it("raises the generation with every disabling and enabling, and the sequence with every transition", () => {
    for (let seed = 1; seed <= lives; seed++) {
      const { state, written } = live(seed, () => {});
      const switched = written.filter(
        ({ from, to, suspended }) => !suspended && (from === "disabled") !== (to === "disabled"),
      );
      assert.equal(state.generation, 1 + switched.length);
      assert.deepEqual(
        written.map(({ sequence }) => sequence),
        written.map((_, index) => index + 1),
      );
    }
  });

  it("comes to the same state when its transitions are replayed, and stays bounded", () => {
    for (let seed = 1; seed <= lives; seed++) {
      const { state, written } = live(seed, () => {});
      const again = freshState("i", november("01"));
      for (const transition of written) applyTransition(again, transition);
      assert.deepEqual({ ...again, history: null, groups: [] }, { ...state, history: null, groups: [] });
      assert.ok(JSON.stringify(state.history).length < 15_000);
      assert.ok(state.history.days.length <= 60 && state.groups.length <= 50);
      assert.ok(state.transitions.length <= 50 && state.audit.length <= 200);
    }
  });

  it("is never at risk of rules without a failure in the days they look at", () => {
    for (let seed = 1; seed <= lives; seed++) {
      live(seed, ({ to, cause, at }, { history }) => {
        if (to !== "at-risk" || cause.cause !== "rule" || cause.rule !== "failing-days") return;
        const today = history.days.find(({ date }) => date === utcDay(at));
        assert.equal(today?.success, 0);
      });
    }
  });
});
