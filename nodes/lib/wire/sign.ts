import { createHmac, sign as signEd25519 } from "node:crypto";
import type { IntegrationSecrets, Scheme } from "../integration/integration-spec";
import { type SigningKey, standardSigningKeys, textSigningKey } from "./signing-key";

export { NoSecretError, publicKeyOf } from "./signing-key";

export interface SignInput {
  scheme: Scheme;
  /** The webhook's id. */
  id: string;
  /** The bytes that will be sent. */
  body: Buffer;
  /** Time of this attempt in whole seconds since the Unix epoch. */
  timestampS: number;
  secrets: Pick<IntegrationSecrets, "secret" | "previousSecret">;
}

/**
 * The headers that let the receiver verify a webhook.
 *
 * `standard`: Standard Webhooks 1.0.0, signed with the current and, during a rotation, the previous secret. `sentry`: as
 * Sentry documents it; there is room for one signature only, so the previous secret is not used.
 *
 * @throws NoSecretError if there is no secret, or one that cannot be used
 */
export function signHeaders({ scheme, id, body, timestampS, secrets }: SignInput): Record<string, string> {
  if (scheme === "sentry") {
    return {
      "Content-Type": "application/json",
      "Request-ID": id,
      "Sentry-Hook-Resource": "comment",
      "Sentry-Hook-Timestamp": `${timestampS}`,
      "Sentry-Hook-Signature": createHmac("sha256", textSigningKey(secrets.secret)).update(body).digest("hex"),
    };
  }
  const head = `${id}.${timestampS}.`;
  let signatures = signaturesOf(standardSigningKeys(secrets.secret), head, body);
  if (secrets.previousSecret !== "") {
    signatures += ` ${signaturesOf(standardSigningKeys(secrets.previousSecret), head, body)}`;
  }
  return {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": `${timestampS}`,
    "webhook-signature": signatures,
  };
}

function signaturesOf(keys: readonly SigningKey[], head: string, body: Buffer): string {
  let signatures = "";
  for (const key of keys) signatures += `${signatures === "" ? "" : " "}${signatureOf(key, head, body)}`;
  return signatures;
}

function signatureOf({ version, key }: SigningKey, head: string, body: Buffer): string {
  return version === "v1"
    ? `v1,${createHmac("sha256", key).update(head).update(body).digest("base64")}`
    : `v1a,${signEd25519(null, Buffer.concat([Buffer.from(head), body]), key).toString("base64")}`;
}
