import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "mocha";
import { Webhook } from "standardwebhooks";
import {
  rawBodyOf,
  type SignedRequest,
  SourceSignatureError,
  verifySource,
} from "../../../nodes/lib/comment/source-signature";

const SECRET = "It's a Secret to Everybody";
const SIGNING_TOKEN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const rawBody = Buffer.from('{"text":"ü 🚀"}', "utf8");
const now = Date.UTC(2026, 10, 23, 10);

const hex = (secret: string) => createHmac("sha256", secret).update(rawBody).digest("hex");
const github = (secret = SECRET) => ({ "X-Hub-Signature-256": `sha256=${hex(secret)}` });
const sentry = (secret = SECRET) => ({ "sentry-hook-signature": hex(secret) });
const gitlabToken = (secret = SECRET) => ({ "x-gitlab-token": secret });

function standard(secret = SIGNING_TOKEN, at = now): Record<string, string> {
  const signature = new Webhook(secret).sign("msg_1", new Date(at), rawBody.toString("utf8"));
  return { "webhook-id": "msg_1", "webhook-timestamp": `${at / 1_000}`, "webhook-signature": signature };
}

function accepts(request: Partial<SignedRequest>): void {
  verifySource({ rawBody, headers: {}, source: "auto", secret: SECRET, ...request });
}

function refuses(request: Partial<SignedRequest>, message: RegExp): void {
  assert.throws(
    () => accepts(request),
    (error: Error) => {
      assert.ok(error instanceof SourceSignatureError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /Everybody|MfKQ/);
      return true;
    },
  );
}

describe("verifySource", () => {
  it("accepts GitHub's signature, as its documentation computes it", () => {
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const headers = { "X-Hub-Signature-256": signature };
    accepts({ source: "github", headers, rawBody: Buffer.from("Hello, World!") });
    refuses({ source: "github", headers, rawBody: Buffer.from("Hello, World?") }, /does not fit the body/);
  });

  it("accepts Sentry's signature", () => {
    accepts({ source: "sentry", headers: sentry() });
  });

  it("accepts GitLab's secret token, and its signature where the secret is a signing token", () => {
    accepts({ source: "gitlab", headers: gitlabToken() });
    accepts({ source: "gitlab", headers: { ...gitlabToken(), ...standard() } });
    accepts({ source: "gitlab", headers: standard(), secret: SIGNING_TOKEN });
    refuses({ source: "gitlab", headers: gitlabToken(SIGNING_TOKEN), secret: SIGNING_TOKEN }, /no webhook-signature/);
    refuses({ source: "gitlab", headers: standard() }, /no X-Gitlab-Token header/);
  });

  it("takes whichever header came where the source may be any", () => {
    for (const source of ["auto", "comment", "custom"] as const) {
      for (const headers of [github(), sentry(), gitlabToken()]) accepts({ source, headers });
      accepts({ source, headers: standard(), secret: SIGNING_TOKEN });
      accepts({ source, headers: { ...gitlabToken(), ...standard() } });
      accepts({ source, headers: { ...gitlabToken("other"), ...standard() }, secret: SIGNING_TOKEN });
      refuses({ source, headers: { "x-github-event": "issue_comment" } }, /has no X-Hub-Signature-256 or/);
    }
  });

  it("refuses a request without its source's header", () => {
    refuses({ source: "github", headers: {} }, /no X-Hub-Signature-256 header: set the same secret at the source/);
    refuses({ source: "github", headers: sentry() }, /no X-Hub-Signature-256 header/);
    refuses({ source: "sentry", headers: github() }, /no Sentry-Hook-Signature header/);
    refuses({ source: "github", headers: { "x-hub-signature": "sha1=abc" } }, /no X-Hub-Signature-256 header/);
    refuses({ source: "github", headers: { "x-hub-signature-256": "" } }, /no X-Hub-Signature-256 header/);
  });

  it("refuses another secret, another body and a changed signature", () => {
    for (const [source, sign] of [
      ["github", github],
      ["sentry", sentry],
      ["gitlab", gitlabToken],
    ] as const) {
      refuses({ source, headers: sign("other") }, /does not fit the body/);
      const [[name = "", value = ""] = []] = Object.entries(sign());
      for (const changed of [`${value}0`, value.slice(0, -1), `${value}, ${value}`, value.toUpperCase(), "sha256="]) {
        refuses({ source, headers: { [name]: changed } }, /does not fit the body/);
      }
    }
    refuses({ headers: github(), rawBody: Buffer.concat([rawBody, Buffer.from(" ")]) }, /nothing changes the body/);
  });

  it("accepts what the published standardwebhooks package signs, any of several signatures", () => {
    const headers = standard();
    const several = { ...headers, "webhook-signature": `v1,AAAA v1a,BBBB ${headers["webhook-signature"]}` };
    accepts({ source: "comment", headers: several, secret: SIGNING_TOKEN, nowMs: now });
    for (const broken of [
      { ...headers, "webhook-id": "msg_2" },
      { ...headers, "webhook-timestamp": `${now / 1_000 + 1}` },
      { ...headers, "webhook-timestamp": "soon" },
      { "webhook-signature": headers["webhook-signature"] },
      { ...headers, "webhook-signature": headers["webhook-signature"]?.replace("v1,", "v2,") },
    ]) {
      refuses({ source: "comment", headers: broken, secret: SIGNING_TOKEN }, /webhook-signature header does not fit/);
    }
  });

  it("refuses a signed time more than five minutes away, where it is told the time", () => {
    const headers = standard();
    for (const nowMs of [now - 300_000, now + 300_000]) accepts({ headers, secret: SIGNING_TOKEN, nowMs });
    for (const nowMs of [now - 301_000, now + 301_000]) {
      refuses({ headers, secret: SIGNING_TOKEN, nowMs }, /webhook-signature/);
    }
  });

  it("refuses to check with no secret", () => {
    refuses({ headers: github(""), secret: "" }, /no secret/);
    refuses({ source: "gitlab", headers: { "x-gitlab-token": "" }, secret: "" }, /no secret/);
  });
});

describe("rawBodyOf", () => {
  it("takes a Buffer, bytes or a text", () => {
    for (const payload of [rawBody, new Uint8Array(rawBody), rawBody.toString("utf8")]) {
      assert.deepEqual(rawBodyOf(payload), rawBody);
    }
    assert.deepEqual(rawBodyOf(new Uint8Array(rawBody).subarray(2)), rawBody.subarray(2));
  });

  it("refuses a body that was parsed before, and says how to leave it raw", () => {
    for (const payload of [{}, [], null, undefined, 5]) {
      assert.throws(() => rawBodyOf(payload), { name: "SourceSignatureError", message: /Do not parse request body/ });
    }
  });
});
