import type { Attempt, Outcome, Reason } from "../delivery/attempt";
import type { AttemptHistory, DayCounts } from "./attempt-history";
import type { FairHistory } from "./fair-history";
import type { Reach } from "./reach";

export type HealthStatus = "active" | "at-risk" | "disabled";

/** Failures with the same outcome and reason are one group. */
export interface FailureGroup {
  outcome: Outcome | null;
  reason: Reason;
  firstSeen: number;
  lastSeen: number;
  count: number;
  /** The attempt that made the group, or brought it back after 24 hours of silence. */
  openedBy: string;
  lastExample: Attempt;
}

/** Who or what caused a change. */
export type Cause =
  | { cause: "rule"; rule: string }
  | { cause: "person"; by: string }
  | { cause: "receiver"; signal: "410" | "header" }
  /** By a success while at risk; by good answers to the test events of a health check while disabled. */
  | { cause: "recovered"; by?: "probe" };

/** A change of status that is to be written, decided from a state with this `revision`. */
export interface NewTransition {
  from: HealthStatus;
  to: HealthStatus;
  cause: Cause;
  /** Time of the decision, ms. */
  at: number;
  /** Names the time from leaving active to being active again. */
  episode: string;
  /** Only for dry runs: what would have happened. Never changes the state. */
  dryRun: boolean;
  /** Set when disabling was held back because we ourselves have no network. */
  suspended: boolean;
  rule: string | null;
  explanation: string;
  /** Of at risk: when a rule can disable it at the earliest, if failures go on, ms. */
  notBefore?: number;
  /** Id of the node that decided, which emits it again at start until its notification is claimed. */
  node: string | null;
}

/** A change of status as it was written, with what was true at that time. */
export interface Transition extends NewTransition {
  /** Rises by one with each transition of an integration. */
  sequence: number;
  snapshot: TransitionSnapshot;
  /** Whether a notification of it was claimed. */
  notified: boolean;
}

export interface TransitionSnapshot {
  days: DayCounts[];
  lastFailure: Attempt | null;
  failuresInARow: number;
}

export interface AuditEntry {
  at: number;
  /** E.g. `"disabled"`, `"enabled"`, `"at-risk"`, `"active"`. */
  action: string;
  /** `"rule failing-days"`, `"receiver"`, or the person's name. */
  by: string;
  detail: string;
}

/** All that is known of an integration's health. */
export interface IntegrationState {
  integration: string;
  status: HealthStatus;
  /** Time at which the status was entered, ms. */
  since: number;
  /** Rises with every disabling and every enabling, from 1. */
  generation: number;
  /** Rises with every written transition: `transition` compares it. */
  revision: number;
  /** Null while active. */
  episode: string | null;
  /** When it last became active again and the episode that ended then: at risk again within 24 h continues it. */
  lastEpisode: { episode: string; endedAt: number } | null;
  /** When at risk began within this episode, ms; null while active. */
  atRiskSince: number | null;
  history: AttemptHistory;
  /** What of it may lead to disabling, for our own outage is not the receiver's doing; null if all of it. */
  fair: FairHistory | null;
  groups: FailureGroup[];
  /** The last 50, oldest first. */
  transitions: Transition[];
  /** The last 200, oldest first. */
  audit: AuditEntry[];
}

/** An attempt made by another sender, e.g. the core `http request` node. */
export interface ForeignAttempt extends Omit<Attempt, "attempt"> {
  integration: string;
}

export interface IntegrationLedger {
  /** The state of an integration; a fresh one if nothing is known of it. */
  state(integration: string): Promise<IntegrationState>;
  /** Ids of all integrations of which something is known. */
  integrations(): Promise<string[]>;
  /** Counts and groups an attempt made by another sender. Once per `attemptId`. */
  countForeign(attempt: ForeignAttempt): Promise<IntegrationState>;
  /**
   * Writes a transition with its snapshot and audit entry, and the new status. Resolves with it, or with null if the
   * state has moved on from `revision`: then read it and decide again. A `dryRun` or `suspended` one is recorded in the
   * audit and leaves the status as it is.
   */
  transition(integration: string, revision: number, transition: NewTransition): Promise<Transition | null>;
  /** Calls `listener` after each transition that was written, whoever decided it. Returns the function that ends it. */
  onTransition(listener: (integration: string) => void): () => void;
  /** Transitions of the last day, decided by `node`, of which no notification was claimed, oldest first. */
  unclaimedTransitions(node: string): Promise<{ integration: string; transition: Transition }[]>;
  /** No-answer share among the active integrations in the last 5 minutes: for telling our own outage from theirs. */
  reach(): Promise<Reach>;
}
