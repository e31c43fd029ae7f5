import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { BoundedCache } from "./bounded-cache";

/** What a secret signs with under Standard Webhooks. */
export type SigningKey = { version: "v1"; key: KeyObject } | { version: "v1a"; key: KeyObject };

/** There is no secret to sign with, or it cannot be used as one. The message does not show it. */
export class NoSecretError extends Error {
  override readonly name = "NoSecretError";
}

const SYMMETRIC_PREFIX = "whsec_";
const PRIVATE_PREFIX = "whsk_";
const PUBLIC_PREFIX = "whpk_";

const SEED_BYTES = 32;
const SEED_AND_PUBLIC_KEY_BYTES = 64;
/** What PKCS #8 puts before the 32 bytes of an Ed25519 private key (RFC 8410). */
const ED25519_PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** Sizes that Standard Webhooks asks of a symmetric secret. */
const SHORTEST_SECRET_BYTES = 24;
const LONGEST_SECRET_BYTES = 64;

const CACHED_SECRETS = 2_000;

/** Decoding a key costs more than signing with it, so keys are kept by the text they were made from. */
const standardKeys = new BoundedCache<string, readonly SigningKey[]>(CACHED_SECRETS, readStandardKeys);
const textKeys = new BoundedCache<string, KeyObject>(CACHED_SECRETS, (secret) =>
  createSecretKey(Buffer.from(secret, "utf8")),
);

/**
 * The keys to sign with for a secret of an integration with the `standard` scheme.
 *
 * `whsec_…` and `whsk_…` are read as Standard Webhooks 1.0.0 defines them and make one key. Of any other text the UTF-8
 * bytes are the key, which is the `format: "raw"` of the published packages. Those packages read a secret without a
 * prefix as Base64, though, so a text that can be such a secret (Base64 of 24 to 64 bytes) makes a second key: the
 * receiver need not know which reading was meant.
 *
 * @throws NoSecretError if the text is empty or not what its prefix promises
 */
export function standardSigningKeys(secret: string): readonly SigningKey[] {
  return standardKeys.get(secret);
}

/** The key of a secret that is used as it is, as Sentry does. Throws {@link NoSecretError} if it is empty. */
export function textSigningKey(secret: string): KeyObject {
  if (secret === "") throw noSecret();
  return textKeys.get(secret);
}

/**
 * The public key that receivers need to verify the `v1a` signatures of a private one.
 *
 * @param privateKey `whsk_…`: Base64 of the 32-byte seed, or of seed and public key
 * @returns `whpk_…`
 * @throws NoSecretError if it is not such a key
 */
export function publicKeyOf(privateKey: string): string {
  if (!privateKey.startsWith(PRIVATE_PREFIX)) throw new NoSecretError(`A private key begins with ${PRIVATE_PREFIX}`);
  return PUBLIC_PREFIX + publicBytes(readPrivateKey(privateKey)).toString("base64");
}

function readStandardKeys(secret: string): readonly SigningKey[] {
  if (secret === "") throw noSecret();
  if (secret.startsWith(PRIVATE_PREFIX)) return [{ version: "v1a", key: readPrivateKey(secret) }];
  if (secret.startsWith(SYMMETRIC_PREFIX)) {
    const bytes = decodeBase64(secret.slice(SYMMETRIC_PREFIX.length));
    if (bytes === null) throw new NoSecretError(`What follows ${SYMMETRIC_PREFIX} in the secret is not Base64`);
    return [{ version: "v1", key: createSecretKey(bytes) }];
  }
  const keys: SigningKey[] = [{ version: "v1", key: textSigningKey(secret) }];
  const bytes = secret.length % 4 === 0 ? decodeBase64(secret) : null;
  if (bytes !== null && bytes.length >= SHORTEST_SECRET_BYTES && bytes.length <= LONGEST_SECRET_BYTES) {
    keys.push({ version: "v1", key: createSecretKey(bytes) });
  }
  return keys;
}

function readPrivateKey(secret: string): KeyObject {
  const bytes = decodeBase64(secret.slice(PRIVATE_PREFIX.length));
  if (bytes === null || (bytes.length !== SEED_BYTES && bytes.length !== SEED_AND_PUBLIC_KEY_BYTES)) {
    throw new NoSecretError(
      `What follows ${PRIVATE_PREFIX} is not an Ed25519 private key of 32 bytes, or 64 with the public one, in Base64`,
    );
  }
  const key = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_HEAD, bytes.subarray(0, SEED_BYTES)]),
    format: "der",
    type: "pkcs8",
  });
  if (bytes.length === SEED_AND_PUBLIC_KEY_BYTES && !publicBytes(key).equals(bytes.subarray(SEED_BYTES))) {
    throw new NoSecretError(`The two halves of the ${PRIVATE_PREFIX} key do not belong together`);
  }
  return key;
}

function publicBytes(privateKey: KeyObject): Buffer {
  return Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
}

/** Bytes of a Base64 text, with or without padding; null if it is empty or not Base64. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === 0) return null;
  return bytes.toString("base64").replace(/=+$/, "") === text.replace(/={1,2}$/, "") ? bytes : null;
}

function noSecret(): NoSecretError {
  return new NoSecretError("The integration has no signing secret");
}
