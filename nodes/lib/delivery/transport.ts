import type { LiveIntegration } from "../integration/integration-spec";
import type { OutgoingRequest } from "../wire/outgoing-request";
import type { Outcome, Reason } from "./attempt";

/** What came of sending a request. */
export interface TransportResult {
  /** Null when no attempt was made, for a local reason. */
  outcome: Outcome | null;
  reason: Reason | null;
  /** 0 where no answer came. */
  statusCode: number;
  /** Without the integration's secrets; cookies and the like are still in them. */
  responseHeaders: Readonly<Record<string, string>>;
  /** First 1,024 characters, without the integration's secrets. */
  responseBody: string;
  /** `Retry-After` of a 429 or 503, in milliseconds from now, at most a day; null if absent. */
  retryAfterMs: number | null;
  /** The receiver's `webhook-delivery: abort-message`. */
  abortMessage: boolean;
  /** For a fatal outcome: what asked for it. */
  fatalSignal: "410" | "header" | null;
}

/** Makes one attempt. Never rejects: whatever happens is one result. */
export interface Transport {
  send(request: OutgoingRequest, integration: LiveIntegration): Promise<TransportResult>;
  /** Closes an integration's connections, e.g. when its settings changed or it went away. */
  forget(integration: string): void;
  /** Closes all connections; resolves when no socket is left. */
  close(): Promise<void>;
}
