import { type Attempt, classOf } from "../delivery/attempt";
import { groupFailure } from "./failure-groups";
import { holdAgainst } from "./fair-history";
import type { AuditEntry, IntegrationState, NewTransition, Transition } from "./integration-ledger";
import type { NetworkFacts } from "./network-watch";
import { emptyHistory, recordAttempt, startGeneration } from "./record-attempt";

const TRANSITIONS_KEPT = 50;
const AUDIT_KEPT = 200;

/** The snapshots of older transitions are emptied: they are large, and their mails carry their own copy. */
const SNAPSHOTS_KEPT = 10;

/** How many UTC days with attempts a snapshot holds. */
const SNAPSHOT_DAYS = 7;

/** The state of an integration of which nothing is known yet. */
export function freshState(integration: string, nowMs: number): IntegrationState {
  return {
    integration,
    status: "active",
    since: nowMs,
    generation: 1,
    revision: 0,
    episode: null,
    lastEpisode: null,
    atRiskSince: null,
    history: emptyHistory(),
    fair: null,
    groups: [],
    transitions: [],
    audit: [],
  };
}

/**
 * Counts and groups an attempt; changes `state`. The caller sees to it that this happens once per `attemptId`.
 *
 * @param at the time now, ms
 * @param counted false for tests, replays and answers of an older generation: they are grouped, so that someone can find out
 *   why they failed, but no rule or chart sees them. Attempts without an outcome are never counted.
 * @param network what is known of our own network; absent if an attempt without an answer is not its doing
 */
export function recordOutcome(
  state: IntegrationState,
  attempt: Attempt,
  at: number,
  { counted, network }: { counted: boolean; network?: NetworkFacts | undefined },
): void {
  const attemptClass = classOf(attempt);
  if (counted && attemptClass !== null) {
    const { startedAt, reason } = attempt;
    const made = { class: attemptClass, at, generation: state.generation, reason, startedAt };
    state.fair = holdAgainst(state.fair, state.history, made, network);
    recordAttempt(state.history, made);
  }
  groupFailure(state.groups, attempt, at);
}

/** A transition as it is to be written: with its number, and what is true in `state` before it is applied. */
export function transitionOf(
  state: IntegrationState,
  transition: NewTransition,
  lastFailure: Attempt | null,
): Transition {
  const dates = [...new Set(state.history.days.map(({ date }) => date))].slice(0, SNAPSHOT_DAYS);
  return {
    ...transition,
    sequence: state.revision + 1,
    snapshot: {
      days: state.history.days.filter(({ date }) => dates.includes(date)).map((day) => ({ ...day })),
      lastFailure,
      failuresInARow: state.history.failuresInARow,
    },
    // What changes nothing is never mailed, so no claim is waited for.
    notified: !takesEffect(transition),
  };
}

/** Whether a transition changes the status. Dry runs and suspended ones are only told of. */
export function takesEffect(transition: Pick<NewTransition, "dryRun" | "suspended">): boolean {
  return !transition.dryRun && !transition.suspended;
}

/**
 * Moves `state` on by a written transition: the only way in which a status changes. Deterministic, so that the same
 * transitions always give the same state.
 *
 * Every disabling and every enabling starts a generation. Coming back from at risk leaves the episode open for 24 hours;
 * enabling closes it for good, since what fails after that is news to the owners.
 */
export function applyTransition(state: IntegrationState, transition: Transition): void {
  state.revision = transition.sequence;
  state.transitions.push(transition);
  while (state.transitions.length > TRANSITIONS_KEPT) state.transitions.shift();
  emptySnapshot(state.transitions, state.transitions.length - 1 - SNAPSHOTS_KEPT);
  addToAudit(state, auditEntry(transition));
  if (!takesEffect(transition)) return;

  const { from, to, at, episode } = transition;
  state.status = to;
  state.since = at;
  if ((from === "disabled") !== (to === "disabled")) {
    state.generation++;
    startGeneration(state.history, state.generation);
    state.fair = null;
  }
  if (to === "active") {
    state.episode = null;
    state.lastEpisode = from === "disabled" ? null : { episode, endedAt: at };
    state.atRiskSince = null;
  } else {
    state.episode = episode;
    if (to === "at-risk") state.atRiskSince = at;
  }
}

/**
 * Disables an integration of which nobody knows any more whether it was disabled; changes `state`. No transition tells of
 * it: it is nothing that the integration did, or that its owners should hear of. Nor does it start a generation: enabling
 * does, and nothing is in flight.
 */
export function disableUnknown(state: IntegrationState, at: number, detail: string): void {
  state.status = "disabled";
  state.since = at;
  state.revision++;
  addToAudit(state, { at, action: "disabled", by: "the store", detail });
}

/** Changes `state`. */
export function addToAudit(state: IntegrationState, entry: AuditEntry): void {
  state.audit.push(entry);
  while (state.audit.length > AUDIT_KEPT) state.audit.shift();
}

function emptySnapshot(transitions: Transition[], index: number): void {
  const transition = transitions[index];
  if (transition === undefined) return;
  const { failuresInARow } = transition.snapshot;
  transitions[index] = { ...transition, snapshot: { days: [], lastFailure: null, failuresInARow } };
}

function auditEntry(transition: Transition): AuditEntry {
  const { at, to, cause, explanation, dryRun, suspended } = transition;
  const isEnabling = cause.cause === "person" || (cause.cause === "recovered" && cause.by === "probe");
  const action = to === "active" && isEnabling ? "enabled" : to;
  const notes = [dryRun ? "dry run" : null, suspended ? "suspended" : null].filter((note) => note !== null);
  return {
    at,
    action: notes.length === 0 ? action : `${action} (${notes.join(", ")})`,
    by: auditedBy(transition),
    detail: explanation,
  };
}

function auditedBy({ cause }: Transition): string {
  switch (cause.cause) {
    case "rule":
      return `rule ${cause.rule}`;
    case "person":
      return cause.by;
    case "receiver":
      return "receiver";
    case "recovered":
      return cause.by ?? "receiver";
  }
}
