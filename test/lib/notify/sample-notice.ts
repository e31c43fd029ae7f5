import type { Attempt } from "../../../nodes/lib/delivery/attempt";
import type { DayCounts } from "../../../nodes/lib/health/attempt-history";
import type { Transition } from "../../../nodes/lib/health/integration-ledger";
import type { IntegrationFacts, Notice } from "../../../nodes/lib/notify/mail-queue";

/** Monday, 23 November 2026, 10:15 UTC. */
export const MONDAY = Date.parse("2026-11-23T10:15:00.000Z");

export const sampleFailure: Attempt = {
  attemptId: "att_1",
  attempt: 3,
  startedAt: Date.parse("2026-11-23T10:14:31.000Z"),
  durationMs: 212,
  outcome: "error",
  reason: "http-500",
  statusCode: 500,
  url: "https://hooks.example.com/comments?token=***",
  requestHeaders: {},
  responseHeaders: { "content-type": "text/plain" },
  responseBody: "Internal Server Error\nrelation “comments” does not exist\n  at query (db.js:31)",
};

export function day(date: string, counts: Partial<DayCounts> = {}): DayCounts {
  const none = { success: 0, http4xx: 0, http429: 0, http5xx: 0, otherAnswer: 0, noAnswer: 0, fatal: 0 };
  return { date, generation: 1, ...none, ...counts };
}

export function sampleTransition(changes: Partial<Transition> = {}): Transition {
  return {
    from: "active",
    to: "at-risk",
    cause: { cause: "rule", rule: "failing-days" },
    at: MONDAY,
    episode: "ep_1",
    dryRun: false,
    suspended: false,
    rule: "failing-days",
    explanation: "no success since 18 November, 214 failed attempts, most often 500",
    node: "health-1",
    sequence: 1,
    snapshot: {
      days: [
        day("2026-11-23", { http5xx: 31, noAnswer: 4 }),
        day("2026-11-22", { http5xx: 48 }),
        day("2026-11-21", { http5xx: 52, http429: 3 }),
        day("2026-11-18", { success: 117, http5xx: 9 }),
      ],
      lastFailure: sampleFailure,
      failuresInARow: 138,
    },
    notified: false,
    ...changes,
  };
}

export function sampleFacts(changes: Partial<IntegrationFacts> = {}): IntegrationFacts {
  return {
    id: "int-1",
    name: "Build bot",
    organization: "Acme",
    url: "https://hooks.example.com/comments?token=***",
    ...changes,
  };
}

/** A notice that owner@example.com waits for since Monday. */
export function sampleNotice(changes: Partial<Notice> = {}): Notice {
  const transition = changes.transition ?? sampleTransition();
  const integration = changes.integration ?? sampleFacts();
  return {
    claim: {
      integration: integration.id,
      episode: transition.episode,
      kind: transition.to,
      owner: "owner@example.com",
    },
    node: "notify-1",
    integration,
    transition,
    queuedAt: MONDAY,
    dueAt: MONDAY,
    tries: 0,
    ...changes,
  };
}
