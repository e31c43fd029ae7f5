/** Kinds of comment event that an integration can subscribe to. */
export const COMMENT_EVENTS = ["comment.created", "comment.updated", "comment.deleted"] as const;
export type CommentEventType = (typeof COMMENT_EVENTS)[number];

/** What a webhook can be about; tests are events of their own. */
export type WebhookEventType = CommentEventType | "webhook.test";

/** How the body is shaped and signed (DESIGN 4). */
export type Scheme = "standard" | "sentry";

/** A named retry schedule, or the waits between attempts in seconds. */
export type RetryPlan = "standard" | "sentry" | "none" | readonly number[];

/** Secrets of an integration. They come from credentials, or sealed from a message; nothing else may hold them. */
export interface IntegrationSecrets {
  /** Signing secret; empty if none was entered. */
  secret: string;
  /** The secret before the last rotation, still accepted by receivers; empty if none. */
  previousSecret: string;
  /** Extra request headers by name. */
  headers: Readonly<Record<string, string>>;
}

/** What a TLS connection needs, in PEM text; `undefined` means Node's default. */
export interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized: boolean;
}

export interface ProxySettings {
  /** `http://host:port` or `https://host:port`, without credentials. */
  url: string;
  username: string;
  password: string;
  /** Hosts that are reached without the proxy. */
  noProxy: readonly string[];
}

/** Everything the library knows of an integration. It never sees a config node. */
export interface IntegrationSpec {
  /** Names the integration's state; stays when the name or the URL changes. */
  id: string;
  name: string;
  slug: string;
  organization: string;
  /** UUID of the installation, sent in the body. */
  installation: string;
  url: string;
  events: readonly CommentEventType[];
  /** Project slugs; empty means all. */
  projects: readonly string[];
  /** Mail addresses of the organization's owners. */
  owners: readonly string[];
  scheme: Scheme;
  /** For the whole attempt, from look-up to the last byte read. */
  timeoutMs: number;
  retries: RetryPlan;
  /** Whether deliveries with the same order key leave one after the other. */
  ordered: boolean;
  /** Attempts at the same time. */
  concurrency: number;
  /** Attempts per second; 0 means no limit. */
  rate: number;
  whenDisabled: "hold" | "drop";
  holdDays: number;
  holdLimit: number;
  maxAgeHours: number;
  /** Whether private, loopback and link-local addresses may be connected to. */
  allowPrivate: boolean;
  /** Id of a `tls-config` node; empty means Node's defaults. */
  tls: string;
  /** Id of an `http proxy` node; empty means none. */
  proxy: string;
  /** Id of a `webhook-store` node; empty means the default store. */
  store: string;
}

/**
 * An integration given in a message (`msg.integrations`), as it travels in `msg.webhook.settings` and rests in the
 * store: its secrets are sealed under the store's encryption key, or absent when it has none.
 */
export interface SealedIntegration extends IntegrationSpec {
  /** Output of `sealSecrets`, or null when the integration has no secrets at all. */
  sealedSecrets: string | null;
}

/** An integration that is ready to be sent to: read anew at each attempt. */
export interface LiveIntegration {
  spec: IntegrationSpec;
  secrets: IntegrationSecrets;
  tls: TlsSettings | null;
  proxy: ProxySettings | null;
}
