import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { isUint8Array } from "node:util/types";
import type { CommentSource } from "./comment-event";
import { readHeaders, type SourceHeaders } from "./source-headers";

/** A comment did not prove that its source sent it. The message says what was missing and never shows the secret. */
export class SourceSignatureError extends Error {
  override readonly name = "SourceSignatureError";
}

/** What Standard Webhooks allows between a request's time and ours. */
const TOLERANCE_MS = 300_000;

export interface SignedRequest {
  /** The body's bytes as they came. */
  rawBody: Buffer;
  headers: Readonly<Record<string, unknown>>;
  source: CommentSource | "custom";
  /** The node's `sourceSecret`. */
  secret: string;
  /** Our time, ms: with it, `webhook-timestamp` more than 5 minutes away is refused. */
  nowMs?: number;
}

interface Proof {
  /** As people write it. */
  header: string;
  holds(
    given: string,
    request: { rawBody: Buffer; headers: SourceHeaders; secret: string; nowMs: number | null },
  ): boolean;
}

const HUB_SIGNATURE: Proof = {
  header: "X-Hub-Signature-256",
  holds: (given, { rawBody, secret }) => same(given, `sha256=${hmac(secret, rawBody).toString("hex")}`),
};

const SENTRY_SIGNATURE: Proof = {
  header: "Sentry-Hook-Signature",
  holds: (given, { rawBody, secret }) => same(given, hmac(secret, rawBody).toString("hex")),
};

const GITLAB_TOKEN: Proof = {
  header: "X-Gitlab-Token",
  holds: (given, { secret }) => same(given, secret),
};

/** Standard Webhooks 1.0.0, which GitLab's signing tokens follow too. */
const STANDARD_SIGNATURE: Proof = {
  header: "webhook-signature",
  holds(given, { rawBody, headers, secret, nowMs }) {
    const id = headers.get("webhook-id") ?? "";
    const timestamp = headers.get("webhook-timestamp") ?? "";
    if (id === "" || !/^\d{1,12}$/.test(timestamp)) return false;
    if (nowMs !== null && Math.abs(nowMs - Number(timestamp) * 1_000) > TOLERANCE_MS) return false;
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, "utf8"), rawBody]);
    const expected = `v1,${hmac(standardKey(secret), signed).toString("base64")}`;
    return given.split(" ").some((signature) => same(signature, expected));
  },
};

/**
 * Checks that a source sent a comment: GitHub's `X-Hub-Signature-256`, Sentry's `Sentry-Hook-Signature`, GitLab's
 * `webhook-signature` where the secret is a signing token (`whsec_…`) and its `X-Gitlab-Token` otherwise.
 *
 * `auto`, `comment` and `custom` take whichever of these headers came, Standard Webhooks' `webhook-signature` among them:
 * each proves that its sender knows the secret. Comparing takes the same time however much of it is right.
 *
 * @throws SourceSignatureError if there is no such header, or it is not right for this body and secret
 */
export function verifySource({ rawBody, headers, source, secret, nowMs }: SignedRequest): void {
  if (secret === "") throw new SourceSignatureError("There is no secret to check the source's signature with.");
  const found = readHeaders(headers);
  const proofs = proofsOf(source, secret);
  for (const proof of proofs) {
    const given = found.get(proof.header.toLowerCase());
    if (given === undefined) continue;
    if (proof.holds(given, { rawBody, headers: found, secret, nowMs: nowMs ?? null })) return;
    throw new SourceSignatureError(
      `The ${proof.header} header does not fit the body: check that the source has the same secret, and that nothing changes the body on its way.`,
    );
  }
  throw new SourceSignatureError(
    `A source secret is set, but the request has no ${proofs.map(({ header }) => header).join(" or ")} header: set the same secret at the source.`,
  );
}

/**
 * The bytes that a source signed.
 *
 * @param payload `msg.payload`
 * @throws SourceSignatureError if the body was parsed before: its bytes are gone
 */
export function rawBodyOf(payload: unknown): Buffer {
  if (typeof payload === "string") return Buffer.from(payload, "utf8");
  if (isUint8Array(payload)) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  throw new SourceSignatureError(
    'A source secret is set, so msg.payload must be the raw body: tick "Do not parse request body" in the http in node, or pass on a Buffer or a text.',
  );
}

function proofsOf(source: SignedRequest["source"], secret: string): readonly Proof[] {
  const isSigningToken = secret.startsWith("whsec_");
  switch (source) {
    case "github":
      return [HUB_SIGNATURE];
    case "sentry":
      return [SENTRY_SIGNATURE];
    case "gitlab":
      return [isSigningToken ? STANDARD_SIGNATURE : GITLAB_TOKEN];
    case "auto":
    case "comment":
    case "custom":
      // GitLab can send both of its own at once; the secret tells which it belongs to.
      return isSigningToken
        ? [HUB_SIGNATURE, SENTRY_SIGNATURE, STANDARD_SIGNATURE, GITLAB_TOKEN]
        : [HUB_SIGNATURE, SENTRY_SIGNATURE, GITLAB_TOKEN, STANDARD_SIGNATURE];
  }
}

function hmac(key: string | Buffer, data: Buffer): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

/** The key in a secret: Base64 after `whsec_`, the text itself otherwise. */
function standardKey(secret: string): Buffer {
  return secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret, "utf8");
}

/** Whether two texts are the same, in a time that tells nothing of where they differ or how long they are. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(given), digest(expected));
}
