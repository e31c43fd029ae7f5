import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { NoSecretError, publicKeyOf, type SignInput, signHeaders } from "../../../nodes/lib/wire/sign";

const body = Buffer.from('{"type":"comment.created","data":{"comment":"Grüße, 你好 👋🏽"}}');
const whsec = `whsec_${randomBytes(32).toString("base64")}`;

function sign(overrides: Partial<SignInput> & { secret?: string; previousSecret?: string } = {}) {
  const { secret = whsec, previousSecret = "", ...rest } = overrides;
  return signHeaders({
    scheme: "standard",
    id: "msg_1a2b",
    body,
    timestampS: Math.floor(Date.now() / 1000),
    secrets: { secret, previousSecret },
    ...rest,
  });
}

/** An Ed25519 key pair: the seed, and both public key and seed as raw bytes. */
function ed25519() {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  return { seed: Buffer.from(d, "base64url"), publicKey: Buffer.from(x, "base64url") };
}

function publicKeyObject(whpk: string) {
  assert.match(whpk, /^whpk_/);
  const x = Buffer.from(whpk.slice("whpk_".length), "base64").toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

describe("signing under the standard scheme", () => {
  it("is accepted by the published standardwebhooks package", () => {
    assert.deepEqual(new Webhook(whsec).verify(body, sign()), JSON.parse(body.toString()));
  });

  it("makes the signature of the specification's example", () => {
    const headers = sign({
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestampS: 1614265330,
      body: Buffer.from('{"test": 2432232314}'),
    });
    assert.deepEqual(headers, {
      "Content-Type": "application/json",
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("is refused by the receiver when id, time, body or secret differ", () => {
    const headers = sign();
    const time = Number(headers["webhook-timestamp"]);
    assert.throws(() => new Webhook(whsec).verify(body, { ...headers, "webhook-id": "msg_other" }));
    assert.throws(() => new Webhook(whsec).verify(body, { ...headers, "webhook-timestamp": `${time + 1}` }));
    assert.throws(() => new Webhook(whsec).verify(Buffer.from("{}"), headers));
    assert.throws(() => new Webhook(`whsec_${randomBytes(32).toString("base64")}`).verify(body, headers));
  });

  it("has one signature for the current and one for the previous secret during a rotation", () => {
    const previousSecret = `whsec_${randomBytes(24).toString("base64")}`;
    const headers = sign({ previousSecret });
    assert.equal(headers["webhook-signature"]?.split(" ").length, 2);
    new Webhook(whsec).verify(body, headers);
    new Webhook(previousSecret).verify(body, headers);
  });

  it("takes the UTF-8 bytes of a text without prefix as the key", () => {
    const headers = sign({ secret: "correct horse battery staple" });
    assert.equal(headers["webhook-signature"]?.split(" ").length, 1);
    new Webhook("correct horse battery staple", { format: "raw" }).verify(body, headers);
    new Webhook(Buffer.from("pässwörd"), { format: "raw" }).verify(body, sign({ secret: "pässwörd" }));
  });

  it("serves both readings of a Base64 text without prefix", () => {
    const secret = randomBytes(24).toString("base64");
    const headers = sign({ secret });
    new Webhook(secret).verify(body, headers);
    new Webhook(secret, { format: "raw" }).verify(body, headers);
  });

  it("signs with an Ed25519 key given as seed, or as seed and public key", () => {
    const { seed, publicKey } = ed25519();
    for (const bytes of [seed, Buffer.concat([seed, publicKey])]) {
      const secret = `whsk_${bytes.toString("base64")}`;
      const headers = sign({ secret, timestampS: 1_700_000_000 });
      const [version, signature = ""] = (headers["webhook-signature"] ?? "").split(",");
      assert.equal(version, "v1a");
      assert.equal(publicKeyOf(secret), `whpk_${publicKey.toString("base64")}`);
      const signed = Buffer.concat([Buffer.from("msg_1a2b.1700000000."), body]);
      const key = publicKeyObject(publicKeyOf(secret));
      assert.equal(verify(null, signed, key, Buffer.from(signature, "base64")), true);
      assert.equal(verify(null, Buffer.from("other"), key, Buffer.from(signature, "base64")), false);
    }
  });

  it("can rotate from a symmetric to an asymmetric key", () => {
    const headers = sign({ secret: `whsk_${ed25519().seed.toString("base64")}`, previousSecret: whsec });
    assert.match(headers["webhook-signature"] ?? "", /^v1a,\S+ v1,\S+$/);
    new Webhook(whsec).verify(body, headers);
  });
});

describe("signing under the sentry scheme", () => {
  it("passes the check that Sentry documents", () => {
    const headers = sign({ scheme: "sentry", secret: "client-secret", timestampS: 1_700_000_000 });
    const expected = createHmac("sha256", "client-secret").update(body.toString("utf8"), "utf8").digest("hex");
    assert.deepEqual(headers, {
      "Content-Type": "application/json",
      "Request-ID": "msg_1a2b",
      "Sentry-Hook-Resource": "comment",
      "Sentry-Hook-Timestamp": "1700000000",
      "Sentry-Hook-Signature": expected,
    });
  });

  it("uses every secret as the text it is, and only the current one", () => {
    const headers = sign({ scheme: "sentry", previousSecret: "old" });
    assert.equal(headers["Sentry-Hook-Signature"], createHmac("sha256", whsec).update(body).digest("hex"));
  });
});

describe("a secret that cannot sign", () => {
  const { seed } = ed25519();
  const halves = Buffer.concat([seed, ed25519().publicKey]).toString("base64");
  const unusable = ["", "whsec_", "whsec_not-base64!", "whsk_", "whsk_AAAA", `whsk_${halves}`];

  it("is a NoSecretError that does not show it", () => {
    for (const secret of unusable) {
      assert.throws(
        () => sign({ secret }),
        (error) => error instanceof NoSecretError && (secret.length < 8 || !error.message.includes(secret.slice(6))),
        secret,
      );
    }
    assert.throws(() => sign({ scheme: "sentry", secret: "" }), NoSecretError);
    assert.throws(() => sign({ previousSecret: "whsec_%%%" }), NoSecretError);
  });

  it("has no public key", () => {
    for (const secret of ["", whsec, "whsk_AAAA", "text"]) assert.throws(() => publicKeyOf(secret), NoSecretError);
  });
});
