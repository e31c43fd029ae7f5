import { type Attempt, classOf } from "../../../nodes/lib/delivery/attempt";
import type { LanePolicy, NewDelivery, Next, Settlement, StoredDelivery } from "../../../nodes/lib/delivery/outbox";
import type { NewTransition } from "../../../nodes/lib/health/integration-ledger";
import type { SealedIntegration } from "../../../nodes/lib/integration/integration-spec";
import { sealSecrets } from "../../../nodes/lib/integration/seal-secrets";
import type { Notice } from "../../../nodes/lib/notify/mail-queue";
import { DAY_MS, HOUR_MS } from "../../../nodes/lib/time/utc-day";
import { integrationSpec } from "../../fixtures/integration-spec";

export const INTEGRATION = "integration-1";

let made = 0;

/** A number that no other sample has. */
export function unique(): number {
  made += 1;
  return made;
}

export function delivery(changes: Partial<NewDelivery> = {}): NewDelivery {
  const number = unique();
  return {
    integration: INTEGRATION,
    id: `msg_${number}`,
    kind: "event",
    event: "comment.created",
    orderKey: `comment-${number}`,
    scheme: "standard",
    body: `{"type":"comment.created","data":{"comment":"Grüße 👋 ${number}"}}`,
    origin: { node: "node-1", msgid: `m${number}` },
    ...changes,
  };
}

export function policy(changes: Partial<LanePolicy> = {}): LanePolicy {
  return {
    ordered: true,
    concurrency: 10_000,
    rate: 0,
    pauses: false,
    whenDisabled: "hold",
    holdLimit: 10_000,
    holdMs: 7 * DAY_MS,
    maxAgeMs: 96 * HOUR_MS,
    ...changes,
  };
}

export function attempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    attemptId: `att_${unique()}`,
    attempt: 1,
    startedAt: 0,
    durationMs: 12,
    outcome: "success",
    reason: null,
    statusCode: 200,
    url: "https://receiver.example/hook",
    requestHeaders: { "Content-Type": "application/json" },
    responseHeaders: {},
    responseBody: "thanks",
    ...changes,
  };
}

export const failure = (changes: Partial<Attempt> = {}): Attempt =>
  attempt({ outcome: "error", reason: "http-500", statusCode: 500, ...changes });

export const localFailure = (changes: Partial<Attempt> = {}): Attempt =>
  attempt({ outcome: null, reason: "local-dns", statusCode: 0, ...changes });

/** One attempt of each class in which attempts are counted. */
export const ONE_OF_EACH_CLASS: readonly Attempt[] = [
  attempt(),
  failure({ reason: "http-404", statusCode: 404 }),
  failure({ reason: "http-429", statusCode: 429 }),
  failure(),
  failure({ reason: "http-302", statusCode: 302 }),
  attempt({ outcome: "timeout", reason: "timeout", statusCode: 0 }),
  attempt({ outcome: "fatal", reason: "http-410", statusCode: 410 }),
];

export const CLASSES = ONE_OF_EACH_CLASS.map((each) => classOf(each));

export function settlement({ integration, id }: StoredDelivery, made: Attempt | null, next: Next): Settlement {
  return { integration, id, attempt: made, next };
}

export function transition(changes: Partial<NewTransition> = {}): NewTransition {
  return {
    from: "active",
    to: "at-risk",
    cause: { cause: "rule", rule: "failing-days" },
    at: 0,
    episode: "episode-1",
    dryRun: false,
    suspended: false,
    rule: "failing-days",
    explanation: "it failed for days",
    node: "health-1",
    ...changes,
  };
}

export function notice(changes: { owner?: string; episode?: string; node?: string; dueAt?: number } = {}): Notice {
  const { owner = "owner@example.com", episode = "episode-1", node = "notify-1", dueAt = 0 } = changes;
  return {
    claim: { integration: INTEGRATION, episode, kind: "at-risk", owner },
    node,
    integration: { id: INTEGRATION, name: "One", organization: "org", url: "https://receiver.example/hook" },
    transition: {
      ...transition({ episode }),
      sequence: 1,
      snapshot: { days: [], lastFailure: null, failuresInARow: 3 },
      notified: false,
    },
    queuedAt: 0,
    dueAt,
    tries: 0,
  };
}

export function sealedIntegration(id: string, changes: Partial<SealedIntegration> = {}): SealedIntegration {
  const described = {
    id,
    name: "Customer",
    slug: "customer",
    organization: "org",
    url: "https://customer.example/hook",
  };
  return { ...integrationSpec(described), sealedSecrets: null, ...changes };
}

/** As it comes with each comment: the same secrets, sealed once more. */
export function sealedAnew(id: string): SealedIntegration {
  const secrets = { secret: "secret-of-length", previousSecret: "", headers: { Authorization: "Bearer t0ken" } };
  return sealedIntegration(id, { sealedSecrets: sealSecrets(secrets, "key", id) });
}
