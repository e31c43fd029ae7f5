import type { LiveIntegration, Scheme } from "../integration/integration-spec";
import { signHeaders } from "./sign";
import { USER_AGENT } from "./user-agent";

/** The signed request of one attempt. The bytes signed are the bytes sent. */
export interface OutgoingRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** What of a delivery is frozen when it is accepted and goes on the wire. */
export interface FrozenWebhook {
  id: string;
  scheme: Scheme;
  /** The bytes to sign and send, as text. */
  body: string;
}

/**
 * The request of one attempt, signed now. URL, secrets and extra headers are the integration's present ones. Extra
 * headers may replace `User-Agent` and `Accept-Encoding`, never what the scheme sets.
 *
 * @throws NoSecretError if it cannot be signed
 */
export function outgoingRequest(input: {
  delivery: FrozenWebhook;
  live: Pick<LiveIntegration, "secrets"> & { spec: Pick<LiveIntegration["spec"], "url"> };
  nowMs: number;
}): OutgoingRequest {
  const { delivery, live, nowMs } = input;
  const body = Buffer.from(delivery.body, "utf8");
  const headers = signHeaders({
    scheme: delivery.scheme,
    id: delivery.id,
    body,
    timestampS: Math.floor(nowMs / 1000),
    secrets: live.secrets,
  });
  headers["User-Agent"] = USER_AGENT;
  // Only the beginning of an answer is read, and never unpacked: a small answer could hide gigabytes.
  headers["Accept-Encoding"] = "identity";
  addExtraHeaders(headers, live.secrets.headers);
  return { url: live.spec.url, headers, body };
}

function addExtraHeaders(headers: Record<string, string>, extra: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(extra)) {
    const value = extra[name];
    if (value === undefined) continue;
    const lowerCased = name.toLowerCase();
    if (lowerCased === "user-agent") headers["User-Agent"] = value;
    else if (lowerCased === "accept-encoding") headers["Accept-Encoding"] = value;
    else if (!isOurs(headers, lowerCased)) headers[name] = value;
  }
}

function isOurs(headers: Readonly<Record<string, string>>, lowerCased: string): boolean {
  for (const name in headers) if (name.toLowerCase() === lowerCased) return true;
  return false;
}
