import { createCipheriv, createDecipheriv, createHmac, scryptSync } from "node:crypto";
import type { IntegrationSecrets } from "./integration-spec";
import { parseSecrets } from "./parse-secrets";

export { parseSealedIntegration } from "./parse-integration";

const VERSION = "v1";
const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const IV_KEY = "comment-webhooks/sealed-secrets/v1/iv";

/** Costs about 50 ms, once per process and encryption key. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
/**
 * The same everywhere, so that one derived key opens everything that was sealed under an encryption key: with a salt of
 * its own, each of 10,000 integrations would cost a derivation. What it gives up is only that two users with the same
 * encryption key have the same derived key.
 */
const SALT = "comment-webhooks/sealed-secrets/v1";
const MOST_CACHED_KEYS = 8;
const keys = new Map<string, Buffer>();

/** Sealed secrets could not be opened, or secrets not sealed. The message says what to do and shows no secret. */
export class SealedSecretsError extends Error {
  override readonly name = "SealedSecretsError";
}

/**
 * Encrypts the secrets of an integration given in a message, bound to its id: what was sealed for one integration does
 * not open for another. The same secrets always make the same text, so that whoever cannot open it still sees whether
 * they changed.
 *
 * @returns `v1.` and Base64url of IV, AES-256-GCM tag and ciphertext
 * @throws SealedSecretsError without an encryption key
 */
export function sealSecrets(secrets: IntegrationSecrets, encryptionKey: string, integrationId: string): string {
  const key = derivedKey(encryptionKey, integrationId);
  const { secret, previousSecret, headers } = secrets;
  const text = JSON.stringify({ secret, previousSecret, headers });
  const iv = ivFor(text, key, integrationId);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(integrationId, "utf8"));
  const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return `${VERSION}.${Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString("base64url")}`;
}

/** Synthetic: no two texts, nor one text of two integrations, share an IV, but for a chance as small as that of random ones. */
function ivFor(text: string, key: Buffer, integrationId: string): Buffer {
  const ivKey = createHmac("sha256", key).update(IV_KEY).digest();
  return createHmac("sha256", ivKey)
    .update(JSON.stringify([integrationId, text]))
    .digest()
    .subarray(0, IV_BYTES);
}

/**
 * Decrypts what {@link sealSecrets} made.
 *
 * @throws SealedSecretsError if it was sealed under another key, for another integration, or changed since
 */
export function openSecrets(sealed: string, encryptionKey: string, integrationId: string): IntegrationSecrets {
  const [version, encoded = "", ...more] = sealed.split(".");
  if (version !== VERSION || more.length > 0) {
    throw new SealedSecretsError(
      `The sealed secrets of integration ${JSON.stringify(integrationId)} are not in a form that this version reads. Send the integration with its secrets again, or update this package.`,
    );
  }
  const bytes = Buffer.from(encoded, "base64url");
  return parseSecrets(
    JSON.parse(decrypt(bytes, derivedKey(encryptionKey, integrationId), integrationId)),
    integrationId,
  );
}

function decrypt(bytes: Buffer, key: Buffer, integrationId: string): string {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(integrationId, "utf8"));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return text.toString("utf8");
  } catch {
    throw new SealedSecretsError(
      `The secrets of integration ${JSON.stringify(integrationId)} cannot be opened: they were sealed under another encryption key or for another integration, or were changed. Give the webhook-store node the encryption key of that time, or send the integration with its secrets again.`,
    );
  }
}

function derivedKey(encryptionKey: string, integrationId: string): Buffer {
  if (encryptionKey === "") {
    throw new SealedSecretsError(
      `Integration ${JSON.stringify(integrationId)} comes in a message and has secrets: enter an encryption key in the webhook-store node, so that they can be kept.`,
    );
  }
  const cached = keys.get(encryptionKey);
  if (cached !== undefined) return cached;
  const [oldest] = keys.keys();
  if (oldest !== undefined && keys.size >= MOST_CACHED_KEYS) keys.delete(oldest);
  const key = scryptSync(encryptionKey, SALT, KEY_BYTES, SCRYPT);
  keys.set(encryptionKey, key);
  return key;
}
