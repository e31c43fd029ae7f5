/**
 * What the life of an integration should be, written from the design's words alone and as plainly as possible: it keeps
 * every answer of the current generation and looks through them anew each time. It shares no code with what it judges.
 */

import { type EndedCall, NetworkModel } from "./network-model";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How an attempt was answered. */
export type Answer = "2xx" | "3xx" | "4xx" | "429" | "5xx" | "none" | "fatal";

export type ModelRule =
  | { rule: "fatal"; days: number }
  | { rule: "failing-days"; days: number }
  | { rule: "failing-for"; hours: number; attempts: number; span: number; apart: number }
  | { rule: "timeouts-per-day"; count: number; percent: number }
  | { rule: "consecutive"; count: number }
  | { rule: "failure-rate"; percent: number; attempts: number; minutes: number };

export interface ModelSettings {
  rules: readonly ModelRule[];
  counting: "all" | "sentry";
  warnAt: number;
  minWarningHours: number;
  /** Rules change nothing; what they would have changed is told. */
  dryRun?: boolean;
}

export type ModelStatus = "active" | "at-risk" | "disabled";

export interface ModelChange {
  from: ModelStatus;
  to: ModelStatus;
  at: number;
  /** Rules of which any may be named as the cause; empty when a person or a recovery caused the change. */
  rules: readonly string[];
  by: "rule" | "person" | "recovery";
  /** Counts the episodes of one integration from 1. */
  episode: number;
  /** For a disabling by rule: how long the owners had been warned without a break, ms. */
  warnedMs: number;
  /**
   * For a disabling by rule: whether no rule would be broken without our own outages, neither had nothing been sent
   * meanwhile nor had the receiver's own answers come.
   */
  isOurFault: boolean;
}

/** An answer to an ordinary delivery, counted when it came. */
export interface Seen {
  /** When the attempt began and ended. */
  from: number;
  at: number;
  answer: Answer;
  /** What the receiver would have answered had our own network worked. */
  theirs: Answer;
}

interface Judged extends Seen {
  /** Whether it may lead to disabling; null while that is not clear. */
  isHeldAgainst: boolean | null;
}

interface Standing {
  status: ModelStatus;
  atRiskSince: number;
  episode: number;
  /** When the last episode ended by itself, so that it may be taken up again. */
  recoveredAt: number | null;
}

interface Life {
  integration: string;
  standing: Standing;
  /** Where it would stand had the rules their way. */
  would: Standing | null;
  generation: number;
  episodes: number;
  seen: Judged[];
}

export class HealthModel {
  readonly #settings: ModelSettings;
  readonly #lives = new Map<string, Life>();
  readonly #network = new NetworkModel();

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  status(integration: string): ModelStatus {
    return this.#life(integration).standing.status;
  }

  /** An attempt begins: its answer counts for the generation it began in. */
  generation(integration: string): number {
    return this.#life(integration).generation;
  }

  /** An attempt of any kind ended, also one that is not counted. */
  called(call: EndedCall): void {
    this.#network.ended(call, this.status(call.integration) === "disabled");
  }

  /** An answer to an ordinary delivery is counted; returns the change that follows from it. */
  answered(integration: string, seen: Seen, generation: number): ModelChange | null {
    this.heldBack = false;
    const { at, answer } = seen;
    const life = this.#life(integration);
    if (generation !== life.generation) return null;
    life.seen.push({ ...seen, isHeldAgainst: null });
    this.#judge(life.seen, at);
    if (life.standing.status === "disabled") return null;
    const { warnAt, minWarningHours, dryRun } = this.#settings;
    const near = this.#nearness(life.seen, at);
    const broken = near.filter(({ progress }) => progress >= 1).map(({ rule }) => rule);
    const warning = near.filter(({ progress }) => progress >= warnAt).map(({ rule }) => rule);
    if (dryRun === true) life.would ??= { ...life.standing };
    const standing = life.would ?? life.standing;
    const { status } = standing;
    const change = (to: ModelStatus, by: ModelChange["by"], rules: readonly string[] = []) =>
      this.#change(life, standing, { to, at, by, rules });

    if (status !== "disabled" && broken.length > 0) {
      const warnedMs = status === "at-risk" ? at - standing.atRiskSince : 0;
      const isFatal = broken.includes("fatal");
      const isDue = isFatal || (answer !== "2xx" && warnedMs >= minWarningHours * HOUR);
      const held = this.#nearness(
        life.seen.filter(({ isHeldAgainst }) => isHeldAgainst),
        at,
      );
      const guilty = broken.filter((rule) => held.some((each) => each.rule === rule && each.progress >= 1));
      const isLeftOut = life.seen.some(({ isHeldAgainst }) => isHeldAgainst === false);
      const isOutage = this.#network.mostAreSilent(at);
      // A receiver that asks to be disabled has answered: our network works.
      this.heldBack = isDue && !isFatal && (isOutage || (guilty.length === 0 && isLeftOut));
      if (isDue && (isFatal || (guilty.length > 0 && !isOutage))) {
        const isOurFault = this.#isOurFault(life.seen, at);
        return { ...change("disabled", "rule", isFatal ? broken : guilty), warnedMs, isOurFault };
      }
    }
    if (status === "active" && warning.length > 0) return change("at-risk", "rule", warning);
    if (status !== "active" && answer === "2xx" && warning.length === 0) return change("active", "recovery");
    return null;
  }

  disable(integration: string, at: number): ModelChange | null {
    return this.#command(integration, "disabled", at);
  }

  enable(integration: string, at: number): ModelChange | null {
    return this.#command(integration, "active", at);
  }

  /** Whether the last outcome broke a rule that would have disabled but for our own outage. */
  heldBack = false;

  #command(integration: string, to: "active" | "disabled", at: number): ModelChange | null {
    const life = this.#life(integration);
    if ((life.standing.status === "disabled") === (to === "disabled")) return null;
    life.would = null;
    return this.#change(life, life.standing, { to, at, by: "person", rules: [] });
  }

  #life(integration: string): Life {
    let life = this.#lives.get(integration);
    if (life === undefined) {
      const standing = { status: "active", atRiskSince: 0, episode: 0, recoveredAt: null } as const;
      life = { integration, standing: { ...standing }, would: null, generation: 1, episodes: 0, seen: [] };
      this.#lives.set(integration, life);
    }
    return life;
  }

  #change(
    life: Life,
    standing: Standing,
    { to, at, by, rules }: Pick<ModelChange, "to" | "at" | "by" | "rules">,
  ): ModelChange {
    const from = standing.status;
    if (from === "active") {
      const isTakenUpAgain = standing.recoveredAt !== null && at - standing.recoveredAt <= DAY;
      if (!isTakenUpAgain) standing.episode = ++life.episodes;
    }
    standing.status = to;
    if (to === "at-risk") standing.atRiskSince = at;
    if (to === "active") standing.recoveredAt = by === "recovery" ? at : null;
    if (standing === life.standing && (to === "disabled" || from === "disabled")) {
      life.generation += 1;
      life.seen = [];
    }
    if (standing === life.standing && to === "disabled") this.#network.disabled(life.integration);
    return { from, to, at, rules, by, episode: standing.episode, warnedMs: 0, isOurFault: false };
  }

  /** In the order in which they came, and for good; an answer makes clear what came before it. */
  #judge(all: readonly Judged[], now: number): void {
    const isAnswered = all.at(-1)?.answer !== "none";
    for (const seen of all) {
      if (seen.isHeldAgainst !== null) continue;
      const blame = seen.answer === "none" ? this.#network.blame(seen.from, now) : "theirs";
      if (blame === "unclear" && !isAnswered) return;
      seen.isHeldAgainst = blame !== "ours";
    }
  }

  #isOurFault(seen: readonly Seen[], at: number): boolean {
    return [
      seen.filter(({ answer, theirs }) => answer === theirs),
      seen.map((each) => ({ ...each, answer: each.theirs })),
    ].every((without) => this.#nearness(without, at).every(({ progress }) => progress < 1));
  }

  #nearness(seen: readonly Seen[], at: number): { rule: string; progress: number }[] {
    return this.#settings.rules.map((rule) => ({ rule: rule.rule, progress: this.#progress(rule, seen, at) }));
  }

  #isFailure(answer: Answer): boolean {
    if (this.#settings.counting === "all") return answer !== "2xx";
    return answer === "4xx" || answer === "none" || answer === "fatal";
  }

  #progress(rule: ModelRule, seen: readonly Seen[], now: number): number {
    switch (rule.rule) {
      case "fatal":
        return seen.some(({ at, answer }) => answer === "fatal" && now - at < rule.days * DAY) ? 1 : 0;
      case "failing-days":
        return Math.min(1, this.#failingDays(seen, now) / rule.days);
      case "failing-for": {
        const startedAt = this.#spreadOutAt(this.#failuresInARow(seen), rule);
        return startedAt === null ? 0 : Math.min(1, (now - startedAt) / (rule.hours * HOUR));
      }
      case "timeouts-per-day": {
        const today = seen.filter(({ at }) => dayOf(at) === dayOf(now));
        const timeouts = today.filter(({ answer }) => answer === "none").length;
        if (timeouts === 0) return 0;
        return Math.min(1, timeouts / rule.count, share(timeouts, today.length, rule.percent));
      }
      case "consecutive":
        return Math.min(1, this.#failuresInARow(seen).length / rule.count);
      case "failure-rate": {
        const newest = Math.floor(now / MINUTE);
        const inWindow = seen.filter(({ at }) => Math.floor(at / MINUTE) > newest - rule.minutes);
        const failures = inWindow.filter(({ answer }) => this.#isFailure(answer)).length;
        if (failures === 0) return 0;
        return Math.min(1, inWindow.length / rule.attempts, share(failures, inWindow.length, rule.percent));
      }
    }
  }

  /** Length of the run of failing days that reaches today, or yesterday while nothing was counted today. */
  #failingDays(seen: readonly Seen[], now: number): number {
    const failed = new Set<number>();
    const succeeded = new Set<number>();
    const counted = new Set<number>();
    for (const { at, answer } of seen) {
      const day = dayOf(at);
      if (answer === "2xx") succeeded.add(day);
      if (this.#isFailure(answer) && (this.#settings.counting === "all" || answer !== "none")) failed.add(day);
      if (answer === "2xx" || this.#isFailure(answer)) counted.add(day);
    }
    let day = dayOf(now);
    if (!counted.has(day)) day -= 1;
    let run = 0;
    while (failed.has(day) && !succeeded.has(day)) {
      run += 1;
      day -= 1;
    }
    return run;
  }

  #failuresInARow(seen: readonly Seen[]): number[] {
    const times: number[] = [];
    for (const { at, answer } of seen) {
      if (answer === "2xx") times.length = 0;
      else if (this.#isFailure(answer)) times.push(at);
    }
    return times;
  }

  /** When failures were first spread out enough to start the clock, or null. */
  #spreadOutAt(failures: readonly number[], rule: { attempts: number; span: number; apart: number }): number | null {
    for (const last of failures) {
      const within = failures.filter((at) => at <= last && last - at <= rule.span * HOUR);
      const first = within[0] ?? last;
      if (within.length >= rule.attempts && last - first >= rule.apart * HOUR) return last;
    }
    return null;
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY);
}

/** How near a part of a whole is to so many percent; nothing more is asked by 0 percent. */
function share(part: number, whole: number, percent: number): number {
  return percent === 0 ? 1 : (100 * part) / whole / percent;
}
