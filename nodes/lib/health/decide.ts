import type { Outcome } from "../delivery/attempt";
import { episodeOnLeavingActive } from "./episode";
import { momentInWords } from "./failure-words";
import type { Cause, HealthStatus, IntegrationState, NewTransition } from "./integration-ledger";
import { isOwnOutage, type Reach } from "./reach";
import { type RuleVerdict, worst } from "./rules";
import { dryStanding, realStanding } from "./standing";

/** All that a decision depends on. */
export interface Situation {
  state: IntegrationState;
  /** What the rules say of `state` now, in their order. */
  verdicts: readonly RuleVerdict[];
  /** The same of what is held against the integration. */
  fairVerdicts: readonly RuleVerdict[];
  nowMs: number;
  /** Progress from which an integration is at risk. */
  warnAt: number;
  /** How long it must have been at risk before a rule disables it, ms; 0 with `counting: "sentry"`. */
  minWarningMs: number;
  mode: "disable" | "dry-run";
  /** Of the attempt that was just counted; null if none was: then nothing is decided. */
  lastOutcome: Outcome | null;
  reach: Reach;
  /** Id of the node that decides. */
  node: string;
  newEpisodeId: () => string;
}

/**
 * The change of status that follows from an outcome that was counted, or null.
 *
 * - active to at risk: a rule's progress reaches `warnAt`.
 * - to disabled, by the receiver's fatal outcome: at once.
 * - to disabled, by any other rule: after a failure, when it is broken and the integration has been at risk for
 *   `minWarningMs`, without a break: time at risk earlier in the same episode does not count. Active integrations are
 *   skipped to disabled only if `minWarningMs` is 0 and our own network is well.
 * - at risk to active: after a success, with all progress below `warnAt`.
 * - disabled is left by a person's command, or by good answers to test events (probe.ts), never here.
 *
 * While our own outage is likely, and where no rule is broken without the attempts of one, disabling by a rule gives a
 * `suspended` transition instead, once for each rule and time at risk; it leaves the status. A dry run decides from where the integration would stand after its own decisions; what it
 * would have disabled, and what then succeeds with no rule near, counts as active again, so that it can tell the next time.
 */
export function decide(situation: Situation): NewTransition | null {
  const { state, verdicts, nowMs, warnAt, minWarningMs, lastOutcome } = situation;
  const dryRun = situation.mode === "dry-run";
  if (lastOutcome === null || state.status === "disabled") return null;
  const standing = dryRun ? dryStanding(state) : realStanding(state);
  const { status, atRiskSince } = standing;
  const episode =
    standing.episode ?? (() => episodeOnLeavingActive(standing.lastEpisode, nowMs, situation.newEpisodeId));
  const change = (to: HealthStatus, cause: Cause, explanation: string, suspended = false): NewTransition => ({
    from: status,
    to,
    cause,
    at: nowMs,
    episode: typeof episode === "string" ? episode : episode(),
    dryRun,
    suspended,
    rule: cause.cause === "rule" ? cause.rule : cause.cause === "receiver" ? "fatal" : null,
    explanation,
    node: situation.node,
  });

  const nearest = worst(verdicts);
  const near = nearest !== null && nearest.progress >= warnAt;
  if (status !== "active" && lastOutcome === "success" && !near) {
    return change("active", { cause: "recovered" }, `a success on ${momentInWords(nowMs, nowMs)}, and no rule is near`);
  }
  if (status === "disabled" || nearest === null) return null;

  const fatal = verdicts.find(({ rule, broken }) => rule === "fatal" && broken);
  if (fatal !== undefined) {
    return change("disabled", { cause: "receiver", signal: fatalSignal(state) }, fatal.explanation);
  }
  const cause: Cause = { cause: "rule", rule: nearest.rule };
  const warnedMs = atRiskSince === null ? 0 : nowMs - atRiskSince;
  if (nearest.broken && lastOutcome !== "success" && warnedMs >= minWarningMs) {
    const guilty = situation.fairVerdicts.find(({ broken }, index) => broken && verdicts[index]?.broken);
    const doubt = outageInWords(situation);
    if (guilty !== undefined && !isOwnOutage(situation.reach)) {
      return change("disabled", { cause: "rule", rule: guilty.rule }, guilty.explanation);
    }
    if (status === "at-risk" && doubt !== null) {
      if (standing.suspendedFor.has(nearest.rule)) return null;
      return change("disabled", cause, `${nearest.explanation}; held back, since ${doubt}`, true);
    }
  }
  if (status !== "active" || !near) return null;
  const notBefore = earliestDisabling(verdicts, nowMs, minWarningMs);
  return { ...change("at-risk", cause, nearest.explanation), notBefore };
}

/** What has been at risk for `minWarningMs` is disabled when the first rule breaks; 410 and a person do not wait for that. */
function earliestDisabling(verdicts: readonly RuleVerdict[], nowMs: number, minWarningMs: number): number {
  const breaksAt = verdicts.map(({ rule, predictedAt }) => (rule === "fatal" ? Infinity : (predictedAt ?? nowMs)));
  return Math.max(nowMs + minWarningMs, Math.min(...breaksAt));
}

/** What speaks for an outage of ours that a rule may be broken by; null if nothing does. */
function outageInWords({ reach, state }: Situation): string | null {
  if (isOwnOutage(reach)) {
    return `${reach.withoutAnswer} of ${reach.active} active integrations got no answer within 5 minutes: our own network may be down`;
  }
  if (state.fair === null || state.fair.leftOutAt === null) return null;
  return "some of these attempts were made while our own network seemed to be down";
}

function fatalSignal({ history }: IntegrationState): "410" | "header" {
  return history.lastFatalReason === null || history.lastFatalReason === "http-410" ? "410" : "header";
}
