import type { Attempt } from "../delivery/attempt";
import type { DayCounts } from "../health/attempt-history";
import type { HealthStatus, Transition } from "../health/integration-ledger";
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfUtcDay, utcDay } from "../time/utc-day";
import type { IntegrationFacts, Notice } from "./mail-queue";

/** Some names look like markup: a stranger may have given such ones, and a preview shows that they stay text. */
const INTEGRATIONS: readonly [IntegrationFacts, ...IntegrationFacts[]] = [
  {
    id: "a1b2c3d4e5f60718",
    name: "Build <b>bot</b>",
    organization: "Acme & Sons",
    url: "https://hooks.example.com/in",
    meanwhile: { webhooks: "held", days: 7, limit: 10_000, waiting: 31 },
  },
  {
    id: "b2c3d4e5f6071829",
    name: "Chat",
    organization: "Acme & Sons",
    url: "https://chat.example.com/hooks?token=***",
    meanwhile: { webhooks: "held", days: 1, limit: 500, waiting: 0 },
  },
  {
    id: "c3d4e5f60718293a",
    name: '"><script>alert(1)</script>',
    organization: "",
    url: "https://example.org/in",
    meanwhile: { webhooks: "dropped" },
  },
];

const FROM: Readonly<Record<HealthStatus, HealthStatus>> = {
  "at-risk": "active",
  disabled: "at-risk",
  active: "disabled",
};

const FAILING = "214 failed attempts, most often 500";
const EXPLANATIONS: Readonly<Record<HealthStatus, string>> = {
  "at-risk": `failures on 4 days in a row (limit 7), ${FAILING}`,
  disabled: `failures on 4 days in a row (limit 4), ${FAILING}`,
  active: "enabled by Ada",
};

/**
 * Changes that never were, for showing what a template makes of such ones.
 *
 * @param several of three integrations, else of one
 */
export function sampleNotices(kind: HealthStatus, several: boolean, nowMs: number): readonly [Notice, ...Notice[]] {
  const [first, ...others] = INTEGRATIONS;
  return [noticeOf(first, kind, nowMs), ...(several ? others : []).map((facts) => noticeOf(facts, kind, nowMs))];
}

function noticeOf(integration: IntegrationFacts, kind: HealthStatus, nowMs: number): Notice {
  const transition: Transition = {
    from: FROM[kind],
    to: kind,
    cause: kind === "active" ? { cause: "person", by: "Ada" } : { cause: "rule", rule: "failing-days" },
    at: nowMs - MINUTE_MS,
    episode: "sample",
    dryRun: false,
    suspended: false,
    rule: kind === "active" ? null : "failing-days",
    explanation: EXPLANATIONS[kind],
    ...(kind === "at-risk" && { notBefore: startOfUtcDay(utcDay(nowMs + 3 * DAY_MS)) }),
    node: null,
    sequence: 1,
    snapshot: {
      days: [0, 1, 2, 3].map((ago) => dayOf(nowMs - ago * DAY_MS, ago)),
      lastFailure: kind === "active" ? null : failureOf(integration.url, nowMs - HOUR_MS),
      failuresInARow: kind === "active" ? 0 : 138,
    },
    notified: false,
  };
  const claim = { integration: integration.id, episode: "sample", kind, owner: "owner@example.com" };
  return { claim, node: "sample", integration, transition, queuedAt: nowMs, dueAt: nowMs, tries: 0 };
}

function dayOf(atMs: number, ago: number): DayCounts {
  const date = utcDay(atMs);
  const none = { success: 0, http4xx: 0, http429: 0, otherAnswer: 0, fatal: 0 };
  return { date, generation: 1, ...none, http5xx: 31 + 9 * ago, noAnswer: 4 };
}

function failureOf(url: string, atMs: number): Attempt {
  return {
    ...{ attemptId: "sample", attempt: 3, startedAt: atMs, durationMs: 212, outcome: "error", reason: "http-500" },
    ...{ statusCode: 500, url, requestHeaders: {}, responseHeaders: {} },
    responseBody: "<h1>Internal Server Error</h1>\nrelation “comments” does not exist\n  at query (db.js:31)",
  };
}
