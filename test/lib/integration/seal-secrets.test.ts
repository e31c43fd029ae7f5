import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { openSecrets, SealedSecretsError, sealSecrets } from "../../../nodes/lib/integration/seal-secrets";

const secrets = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  previousSecret: "ключ 🔑",
  headers: { Authorization: "Bearer t0ken" },
};

/** What the secrets above, sealed under "correct horse" for "acme", always look like. */
const SEALED_NOW =
  "v1.Q6LawsqqUJR4m8BtgzC_jyMTrXCiMQ2uqmFTLNTuRG7lU8_oy1xy66SkET2k5cl_kTZsU-TLWjL2r65IoL8DkHOtjRkpna5Nl_LQYqNY-uQ7xoEu8xAo3-EwQJBTNluvZ11zPcdoYmrWGQrWJrtL73BDmJqTyNtX7Ilt2UbuotCQgbj_SBXjrpmiKi_bVUtXV3cEk1nD7BZhEew";

/** Made when IVs were random: it must always open. */
const SEALED_EARLIER =
  "v1.WGkE4oXkWTtLLQdxS3YdwxoBwA9qg5SebiC8LfpGxGw6x5DJVvHi7BJUMVHzVY8_axZcBCtFT0tl_9OQrNd3poI9ZYYcy2ila5er3flvFe4RBu4J2lOYbJa1hnyHPod6gwUFLWN2zRITmqBKu-uczGT1Mh-RXEB4mYFRCtfxB9G9I9LdAOFz7PERb7_ljT4ewXBUvPsvItVVV0M";

function refuses(open: () => unknown, message: RegExp): void {
  assert.throws(open, (error: Error) => {
    assert.ok(error instanceof SealedSecretsError);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /t0ken|MfKQ|correct horse/);
    return true;
  });
}

describe("sealSecrets", () => {
  it("seals so that the same key and integration open it, and nobody reads it", () => {
    const sealed = sealSecrets(secrets, "correct horse", "acme");
    assert.deepEqual(openSecrets(sealed, "correct horse", "acme"), secrets);
    assert.match(sealed, /^v1\.[\w-]+$/);
    assert.doesNotMatch(Buffer.from(sealed.slice(3), "base64url").toString("latin1"), /t0ken|whsec|Authorization/);
  });

  it("makes the same text of the same secrets, in each process", () => {
    const sealed = sealSecrets(secrets, "correct horse", "acme");
    assert.equal(sealSecrets({ ...secrets, headers: { ...secrets.headers } }, "correct horse", "acme"), sealed);
    assert.equal(sealed, SEALED_NOW);
  });

  it("shares neither IV nor text between other secrets, keys and integrations", () => {
    const others = [
      sealSecrets(secrets, "correct horse", "acme"),
      sealSecrets({ ...secrets, secret: "another" }, "correct horse", "acme"),
      sealSecrets({ ...secrets, previousSecret: "" }, "correct horse", "acme"),
      sealSecrets({ ...secrets, headers: {} }, "correct horse", "acme"),
      sealSecrets(secrets, "battery staple", "acme"),
      sealSecrets(secrets, "correct horse", "evil"),
    ];
    const bytes = others.map((sealed) => Buffer.from(sealed.slice(3), "base64url"));
    assert.equal(new Set(bytes.map((each) => each.subarray(0, 12).toString("hex"))).size, others.length);
    assert.equal(new Set(bytes.map((each) => each.subarray(28).toString("hex"))).size, others.length);
  });

  it("opens what an earlier version sealed", () => {
    assert.deepEqual(openSecrets(SEALED_EARLIER, "correct horse", "acme"), secrets);
  });

  it("opens under no other key and for no other integration", () => {
    const sealed = sealSecrets(secrets, "correct horse", "acme");
    refuses(() => openSecrets(sealed, "battery staple", "acme"), /encryption key of that time/);
    refuses(() => openSecrets(sealed, "correct horse", "evil"), /integration "evil"/);
  });

  it("notices every changed character", () => {
    const sealed = sealSecrets({ secret: "s", previousSecret: "", headers: {} }, "correct horse", "acme");
    for (let index = 3; index < sealed.length - 1; index++) {
      const other = sealed[index] === "A" ? "B" : "A";
      const changed = `${sealed.slice(0, index)}${other}${sealed.slice(index + 1)}`;
      refuses(() => openSecrets(changed, "correct horse", "acme"), /cannot be opened/);
    }
    for (const cut of [4, 10, 20, sealed.length - 4]) {
      refuses(() => openSecrets(sealed.slice(0, cut), "correct horse", "acme"), /cannot be opened/);
    }
  });

  it("says what to do without an encryption key, or with another version's text", () => {
    refuses(() => sealSecrets(secrets, "", "acme"), /enter an encryption key in the webhook-store node/);
    refuses(() => openSecrets("v1.x", "", "acme"), /enter an encryption key/);
    for (const sealed of ["", "v2.abc", "abc", "v1.a.b"]) {
      refuses(() => openSecrets(sealed, "correct horse", "acme"), /send the integration with its secrets again/i);
    }
  });
});
