import { type DisplayedDay, displayedDays } from "./displayed-days";
import type { HealthStatus, IntegrationState, NewTransition } from "./integration-ledger";
import type { RuleVerdict } from "./rules";

/** `msg.health.verdict` */
export interface VerdictMessage {
  rule: string;
  /** 0 to 1 */
  progress: number;
  /** ISO time, or null. */
  since: string | null;
  explanation: string;
}

/** `msg.health.change` */
export interface ChangeMessage {
  from: HealthStatus;
  to: HealthStatus;
  cause: "rule" | "person" | "receiver" | "recovered";
  /** The rule's name, the person's name, `"410"` or `"header"`; of what recovered `"probe"` if it was disabled, else null. */
  by: string | null;
  /** ISO time. */
  at: string;
  episode: string;
  dryRun: boolean;
  suspended: boolean;
}

/** `msg.health` */
export interface HealthMessage {
  status: HealthStatus;
  days: DisplayedDay[];
  verdict: VerdictMessage | null;
  change: ChangeMessage | null;
}

/** An integration's health as error-tracker attaches it; integration-health-check adds verdict and change. */
export function healthOf(state: IntegrationState, nowMs: number): HealthMessage {
  return { status: state.status, days: displayedDays(state.history, nowMs), verdict: null, change: null };
}

export function verdictOf(verdict: RuleVerdict): VerdictMessage {
  const { rule, progress, since, explanation } = verdict;
  return { rule, progress, since: since === null ? null : new Date(since).toISOString(), explanation };
}

export function changeOf(transition: NewTransition): ChangeMessage {
  const { from, to, cause, at, episode, dryRun, suspended } = transition;
  return {
    from,
    to,
    cause: cause.cause,
    by: causedBy(transition),
    at: new Date(at).toISOString(),
    episode,
    dryRun,
    suspended,
  };
}

function causedBy({ cause }: NewTransition): string | null {
  switch (cause.cause) {
    case "rule":
      return cause.rule;
    case "person":
      return cause.by;
    case "receiver":
      return cause.signal;
    case "recovered":
      return cause.by ?? null;
  }
}
