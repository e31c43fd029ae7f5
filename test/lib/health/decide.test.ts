import assert from "node:assert/strict";
import type { Outcome } from "../../../nodes/lib/delivery/attempt";
import { commandTransition } from "../../../nodes/lib/health/command";
import { decide, type Situation } from "../../../nodes/lib/health/decide";
import type { FairHistory } from "../../../nodes/lib/health/fair-history";
import type { HealthStatus, IntegrationState, NewTransition } from "../../../nodes/lib/health/integration-ledger";
import { applyTransition, freshState, transitionOf } from "../../../nodes/lib/health/integration-state";
import { emptyHistory } from "../../../nodes/lib/health/record-attempt";
import type { RuleVerdict } from "../../../nodes/lib/health/rules";
import { DAY_MS, HOUR_MS } from "../../../nodes/lib/time/utc-day";
import { november } from "./told-history";

const NOON = november("10 12:00");
const WARNING = 24 * HOUR_MS;

const said = (progress: number, rule = "consecutive"): RuleVerdict => ({
  rule,
  broken: progress === 1,
  progress,
  since: null,
  explanation: `${rule} at ${progress}`,
  predictedAt: null,
});

const fair = (of: Pick<FairHistory, "leftOutAt">): FairHistory => ({ history: emptyHistory(), unclear: [], ...of });

/** One integration and the health check that looks at it. */
class Watched {
  readonly state: IntegrationState = freshState("i", NOON - DAY_MS);
  nowMs = NOON;
  private episodes = 0;

  constructor(private readonly settings: Partial<Situation> = {}) {}

  readonly newEpisodeId = () => `episode-${++this.episodes}`;

  decide(progress: number | RuleVerdict[], lastOutcome: Outcome | null = "error", more: Partial<Situation> = {}) {
    const verdicts = typeof progress === "number" ? [said(progress)] : progress;
    return decide({
      state: this.state,
      verdicts,
      fairVerdicts: verdicts,
      nowMs: this.nowMs,
      warnAt: 0.5,
      minWarningMs: WARNING,
      mode: "disable",
      lastOutcome,
      reach: { active: 10, withoutAnswer: 0 },
      node: "check",
      newEpisodeId: this.newEpisodeId,
      ...this.settings,
      ...more,
    });
  }

  write(transition: NewTransition | null): NewTransition | null {
    if (transition !== null) applyTransition(this.state, transitionOf(this.state, transition, null));
    return transition;
  }

  /** Decides and writes; says where to, or null. */
  look(progress: number | RuleVerdict[], lastOutcome: Outcome | null = "error", more: Partial<Situation> = {}) {
    return this.write(this.decide(progress, lastOutcome, more))?.to ?? null;
  }

  command(command: "enable" | "disable"): NewTransition | null {
    return this.write(commandTransition(this.state, command, "Ann", this.nowMs, "check", this.newEpisodeId));
  }

  /** Brings the integration into a status, and that status to an age. */
  static in(status: HealthStatus, ageMs = 0, settings: Partial<Situation> = {}): Watched {
    const watched = new Watched(settings);
    if (status === "at-risk") watched.look(0.5, "error", { mode: "disable" });
    if (status === "disabled") watched.command("disable");
    assert.equal(watched.state.status, status);
    watched.nowMs += ageMs;
    return watched;
  }
}

describe("deciding", () => {
  const fatal = [said(0.1), said(1, "fatal")];
  const table: [HealthStatus, number, number | RuleVerdict[], Outcome | null, HealthStatus | null][] = [
    // status, its age in ms, progress, last outcome, where to
    ["active", 0, 0, "success", null],
    ["active", 0, 0.49, "error", null],
    ["active", 0, 0.5, "error", "at-risk"],
    ["active", 0, 0.5, "timeout", "at-risk"],
    ["active", 0, 0.5, "success", "at-risk"],
    ["active", 0, 0.5, null, null],
    ["active", 999 * DAY_MS, 1, "error", "at-risk"],
    ["active", 0, fatal, "fatal", "disabled"],
    ["active", 0, fatal, "success", "disabled"],
    ["active", 0, fatal, null, null],
    ["at-risk", 0, 0.9, "error", null],
    ["at-risk", 0, 1, "error", null],
    ["at-risk", WARNING - 1, 1, "error", null],
    ["at-risk", WARNING, 1, "error", "disabled"],
    ["at-risk", WARNING, 1, null, null],
    ["at-risk", WARNING, 0.99, "error", null],
    ["at-risk", WARNING, 1, "success", null],
    ["at-risk", WARNING, fatal, "success", "disabled"],
    ["at-risk", -HOUR_MS, 1, "error", null],
    ["at-risk", 0, fatal, "fatal", "disabled"],
    ["at-risk", 0, 0.49, "error", null],
    ["at-risk", 0, 0.49, "success", "active"],
    ["at-risk", 0, 0.5, "success", null],
    ["at-risk", 0, [], "success", "active"],
    ["disabled", 0, 0, "success", null],
    ["disabled", 99 * DAY_MS, 1, "error", null],
    ["disabled", 0, fatal, "fatal", null],
  ];
  for (const [status, ageMs, progress, outcome, to] of table) {
    const shown = Array.isArray(progress) ? progress.map((one) => `${one.rule} ${one.progress}`).join(", ") : progress;
    it(`${status} for ${ageMs / HOUR_MS} h, progress ${shown || "none"}, ${outcome}: ${to ?? "no change"}`, () => {
      assert.equal(Watched.in(status, ageMs).look(progress, outcome), to);
    });
  }

  it("says why, and by whom", () => {
    const watched = new Watched();
    assert.deepEqual(watched.decide([said(0.2, "failing-days"), said(0.7), said(0.7, "failing-for")]), {
      from: "active",
      to: "at-risk",
      cause: { cause: "rule", rule: "consecutive" },
      at: NOON,
      episode: "episode-1",
      dryRun: false,
      suspended: false,
      rule: "consecutive",
      explanation: "consecutive at 0.7",
      node: "check",
      notBefore: NOON + WARNING,
    });
  });

  it("says of at risk when it can be disabled at the earliest: when a rule breaks, and after the warning", () => {
    const at = (hours: number, rule: string) => ({ ...said(0.5, rule), predictedAt: NOON + hours * HOUR_MS });
    const earliest = (...verdicts: RuleVerdict[]) => {
      const notBefore = new Watched().decide(verdicts)?.notBefore;
      return notBefore === undefined ? null : (notBefore - NOON) / HOUR_MS;
    };
    assert.equal(earliest(at(72, "failing-days"), at(60, "failing-for"), said(0, "fatal")), 60);
    assert.equal(earliest(at(12, "failing-days")), 24);
    assert.equal(earliest(at(72, "failing-days"), said(0.2, "consecutive")), 24, "that one may break at any time");
    assert.equal(earliest(said(1)), 24);
    assert.equal(Watched.in("at-risk", WARNING).decide(1)?.notBefore, undefined);
  });

  it("names the receiver and its signal for a fatal outcome", () => {
    const watched = new Watched();
    watched.state.history.lastFatalReason = "http-410";
    assert.deepEqual(watched.decide(fatal, "fatal")?.cause, { cause: "receiver", signal: "410" });
    watched.state.history.lastFatalReason = "http-200";
    assert.deepEqual(watched.decide(fatal, "fatal")?.cause, { cause: "receiver", signal: "header" });
    assert.equal(watched.decide(fatal, "fatal")?.rule, "fatal");
  });

  it("disables at once without warning time, and warns first all the same where it can", () => {
    const watched = new Watched({ minWarningMs: 0 });
    assert.equal(watched.look(0.5), "at-risk");
    assert.equal(watched.look(1), "disabled");
    assert.equal(new Watched({ minWarningMs: 0 }).look(1), "disabled");
  });

  it("does not count time at risk before it recovered", () => {
    const watched = Watched.in("at-risk", WARNING);
    assert.equal(watched.look(0, "success"), "active");
    assert.equal(watched.look(1), "at-risk");
    assert.equal(watched.look(1), null);
    watched.nowMs += WARNING;
    assert.equal(watched.look(1), "disabled");
  });
});

describe("an episode", () => {
  it("goes on when an integration is at risk again within 24 hours, the 24th included", () => {
    const watched = Watched.in("at-risk");
    watched.look(0, "success");
    watched.nowMs += DAY_MS;
    assert.equal(watched.decide(0.5)?.episode, "episode-1");
    watched.nowMs += 1;
    assert.equal(watched.decide(0.5)?.episode, "episode-2");
  });

  it("goes on through many returns, each less than 24 hours after the last", () => {
    const watched = new Watched();
    for (let round = 0; round < 10; round++) {
      assert.equal(watched.look(0.5), "at-risk");
      assert.equal(watched.state.episode, "episode-1");
      assert.equal(watched.look(0, "success"), "active");
      watched.nowMs += 20 * HOUR_MS;
    }
  });

  it("is one from at risk through disabled to enabled, and is over for good then", () => {
    const watched = Watched.in("at-risk", WARNING);
    assert.equal(watched.decide(1)?.episode, "episode-1");
    watched.look(1);
    assert.equal(watched.command("enable")?.episode, "episode-1");
    assert.equal(watched.decide(0.5)?.episode, "episode-2");
  });

  it("is new for an integration disabled out of the blue", () => {
    assert.equal(new Watched().decide([said(1, "fatal")], "fatal")?.episode, "episode-1");
  });
});

describe("our own outage", () => {
  const outage = { reach: { active: 5, withoutAnswer: 4 } };

  it("suspends disabling by a rule, says so once, and leaves the status", () => {
    const watched = Watched.in("at-risk", WARNING);
    const suspended = watched.write(watched.decide(1, "timeout", outage));
    assert.equal(suspended?.suspended, true);
    assert.deepEqual([suspended?.from, suspended?.to, suspended?.episode], ["at-risk", "disabled", "episode-1"]);
    assert.match(
      suspended?.explanation ?? "",
      /^consecutive at 1; held back, since 4 of 5 active integrations got no answer/,
    );
    assert.equal(watched.state.status, "at-risk");
    for (let message = 0; message < 20; message++) assert.equal(watched.look(1, "timeout", outage), null);
    assert.equal(watched.state.transitions.length, 2);
  });

  it("does not suspend beyond its end", () => {
    const watched = Watched.in("at-risk", WARNING);
    watched.look(1, "timeout", outage);
    assert.equal(watched.look(1, "timeout"), "disabled");
    assert.equal(watched.state.status, "disabled");
  });

  it("is told of again for another rule, and for another time at risk", () => {
    const watched = Watched.in("at-risk", WARNING);
    assert.equal(watched.look(1, "timeout", outage), "disabled");
    assert.equal(watched.look([said(1, "failing-for")], "timeout", outage), "disabled");
    assert.equal(watched.look([said(1, "failing-for")], "timeout", outage), null);
    assert.equal(watched.look(1, "timeout", outage), null);
    assert.equal(watched.look(0, "success"), "active");
    assert.equal(watched.look(1), "at-risk");
    watched.nowMs += WARNING;
    assert.equal(watched.look(1, "timeout", outage), "disabled");
    assert.equal(watched.state.status, "at-risk");
  });

  it("does not hold back a fatal outcome, which is an answer, nor a person", () => {
    assert.equal(Watched.in("at-risk").decide([said(1, "fatal")], "fatal", outage)?.suspended, false);
    assert.equal(Watched.in("at-risk").command("disable")?.suspended, false);
  });

  it("lets an integration come to be at risk and recover", () => {
    const watched = new Watched(outage);
    assert.equal(watched.look(0.5), "at-risk");
    assert.equal(watched.look(0, "success"), "active");
  });

  it("keeps an active one from being disabled where no warning is asked for", () => {
    const watched = new Watched({ ...outage, minWarningMs: 0 });
    assert.equal(watched.look(1), "at-risk");
    assert.equal(watched.decide(1)?.suspended, true);
  });

  it("does not disable after its end where no rule is broken without its attempts, and says so once", () => {
    const watched = Watched.in("at-risk", WARNING, { fairVerdicts: [said(0.9)] });
    watched.state.fair = fair({ leftOutAt: NOON });
    const suspended = watched.write(watched.decide(1));
    assert.deepEqual([suspended?.to, suspended?.suspended], ["disabled", true]);
    assert.match(suspended?.explanation ?? "", /^consecutive at 1; held back, since some of these attempts were made/);
    assert.equal(watched.look(1), null);
    assert.equal(watched.look(1, "error", { fairVerdicts: [said(1)] }), "disabled");
    assert.equal(watched.state.status, "disabled");
  });

  it("disables by a rule that is broken without its attempts, and names that one", () => {
    const rules = [said(1), said(1, "failing-for")];
    const watched = Watched.in("at-risk", WARNING, { fairVerdicts: [said(0.9), said(1, "failing-for")] });
    watched.state.fair = fair({ leftOutAt: NOON });
    const disabled = watched.decide(rules);
    assert.deepEqual([disabled?.to, disabled?.suspended, disabled?.rule], ["disabled", false, "failing-for"]);
  });

  it("does not disable by a rule that only seems broken without its attempts", () => {
    const watched = Watched.in("at-risk", WARNING, { fairVerdicts: [said(0.9), said(1, "failing-days")] });
    watched.state.fair = fair({ leftOutAt: NOON });
    assert.equal(watched.decide([said(1), said(0.9, "failing-days")])?.suspended, true);
  });

  it("waits without a word while it is not clear whose doing the last attempts were", () => {
    const watched = Watched.in("at-risk", WARNING, { fairVerdicts: [said(0.9)] });
    watched.state.fair = fair({ leftOutAt: null });
    assert.equal(watched.look(1), null);
    assert.equal(watched.look(1, "timeout", { minWarningMs: 0 }), null);
  });
});

describe("a dry run", () => {
  const dryRun = { mode: "dry-run" } as const;

  it("goes through at risk to disabled, each told once, and changes nothing", () => {
    const watched = new Watched(dryRun);
    const told: (string | null)[] = [];
    for (let hour = 0; hour < 60; hour++) {
      const transition = watched.write(watched.decide(1));
      if (transition !== null) told.push(`${hour} h: ${transition.from} to ${transition.to} in ${transition.episode}`);
      assert.ok(transition === null || transition.dryRun);
      watched.nowMs += HOUR_MS;
    }
    assert.deepEqual(told, ["0 h: active to at-risk in episode-1", "24 h: at-risk to disabled in episode-1"]);
    assert.deepEqual([watched.state.status, watched.state.generation, watched.state.episode], ["active", 1, null]);
  });

  it("tells the next time after a success, within 24 hours as the same episode", () => {
    const watched = new Watched(dryRun);
    assert.equal(watched.look([said(1, "fatal")], "fatal"), "disabled");
    assert.equal(watched.look(0.2, "error"), null);
    assert.equal(watched.look(0, "success"), "active");
    assert.equal(watched.look(0, "success"), null);
    assert.equal(watched.decide(0.5)?.episode, "episode-1");
    watched.nowMs += DAY_MS + 1;
    assert.equal(watched.decide(0.5)?.episode, "episode-2");
  });

  it("begins from the true status", () => {
    const watched = Watched.in("at-risk", WARNING, dryRun);
    assert.deepEqual([watched.decide(1)?.from, watched.decide(1)?.to], ["at-risk", "disabled"]);
    assert.equal(Watched.in("disabled", 0, dryRun).look(1), null);
  });

  it("begins anew after a change that took effect", () => {
    const watched = new Watched(dryRun);
    assert.equal(watched.look([said(1, "fatal")], "fatal"), "disabled");
    watched.command("disable");
    watched.command("enable");
    assert.equal(watched.look(0.5), "at-risk");
  });

  it("does not disturb a check that disables", () => {
    const watched = Watched.in("at-risk", WARNING);
    assert.equal(watched.look(1, "error", dryRun), "disabled");
    assert.equal(watched.look(1, "error", { reach: { active: 5, withoutAnswer: 5 } }), "disabled");
    assert.equal(watched.look(1, "error", { reach: { active: 5, withoutAnswer: 5 } }), null);
    assert.equal(watched.state.status, "at-risk");
    assert.equal(watched.look(1), "disabled");
    assert.equal(watched.state.status, "disabled");
  });

  it("neither takes what another check said of our outage for its own, nor makes it say that again", () => {
    const outage = { reach: { active: 5, withoutAnswer: 5 } };
    const watched = Watched.in("at-risk", WARNING, outage);
    assert.equal(watched.look(1), "disabled");
    assert.deepEqual(watched.write(watched.decide(1, "error", dryRun))?.dryRun, true);
    assert.equal(watched.look(1, "error", dryRun), null);
    assert.equal(watched.look(1), null);
    assert.equal(watched.look(1, "error", { ...dryRun, reach: { active: 5, withoutAnswer: 0 } }), "disabled");
    assert.equal(watched.look(1), null);
    assert.equal(watched.look([said(1, "failing-for")], "error"), "disabled");
    assert.equal(watched.state.status, "at-risk");
  });

  it("says once that it would have been suspended", () => {
    const watched = new Watched({ ...dryRun, reach: { active: 5, withoutAnswer: 5 } });
    watched.look(1);
    watched.nowMs += WARNING;
    const transition = watched.write(watched.decide(1));
    assert.deepEqual([transition?.dryRun, transition?.suspended], [true, true]);
    assert.equal(watched.look(1), null);
  });
});

describe("a command", () => {
  it("disables without warning and enables", () => {
    const watched = new Watched();
    assert.deepEqual(watched.command("disable"), {
      from: "active",
      to: "disabled",
      cause: { cause: "person", by: "Ann" },
      at: NOON,
      episode: "episode-1",
      dryRun: false,
      suspended: false,
      rule: null,
      explanation: "disabled by Ann",
      node: "check",
    });
    assert.equal(watched.command("enable")?.explanation, "enabled by Ann");
    assert.equal(watched.state.status, "active");
    assert.equal(watched.state.generation, 3);
  });

  it("is nothing where it is already so", () => {
    assert.equal(Watched.in("active").command("enable"), null);
    assert.equal(Watched.in("at-risk").command("enable"), null);
    assert.equal(Watched.in("disabled").command("disable"), null);
  });
});
