// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Node-RED refers to environment variables
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "mocha";
import { parseSecrets } from "../../../nodes/lib/integration/parse-integration";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";

const WHERE = "msg.integrations[0]";

function refusal(raw: Parameters<typeof parseSecrets>[0]): InvalidFieldsError {
  try {
    parseSecrets(raw, WHERE);
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError);
    return error;
  }
  throw new assert.AssertionError({ message: "was accepted" });
}

describe("parseSecrets", () => {
  it("takes nothing for no secrets", () => {
    const none = { secret: "", previousSecret: "", headers: {} };
    for (const nothing of [undefined, null, ""]) {
      assert.deepEqual(parseSecrets({ secret: nothing, previousSecret: nothing, headers: nothing }, WHERE), none);
    }
    assert.deepEqual(parseSecrets({}, WHERE), none);
  });

  it("takes keys of Standard Webhooks, and any other text as the key itself", () => {
    const good = [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      `whsec_${randomBytes(32).toString("base64")}`,
      `whsec_${randomBytes(32).toString("base64").replace("=", "")}`,
      `whsk_${randomBytes(32).toString("base64")}`,
      `whsk_${randomBytes(64).toString("base64")}`,
      "a plain key, ключ 🔑",
    ];
    for (const secret of good) {
      assert.equal(parseSecrets({ secret, previousSecret: secret }, WHERE).previousSecret, secret);
    }
  });

  it("refuses keys that no receiver could have, without showing them", () => {
    const bad = ["whsec_", "whsec_not base64!", "whsec_MfKQ9r8_-GKY", `whsk_${randomBytes(31).toString("base64")}`];
    for (const secret of [...bad, 5, ["x"], "x".repeat(4_097)]) {
      const { fields } = refusal({ secret });
      assert.deepEqual(
        fields.map(({ field, value }) => [field, value]),
        [[`${WHERE}.secret`, "(hidden)"]],
      );
    }
    assert.match(refusal({ previousSecret: "${OLD_SECRET}" }).message, /variable OLD_SECRET is not set/);
  });

  it("reads headers from an object or its JSON", () => {
    const headers = { Authorization: "Bearer abc", "X-Team": "7" };
    assert.deepEqual(parseSecrets({ headers: { Authorization: "Bearer abc", "X-Team": 7 } }, WHERE).headers, headers);
    assert.deepEqual(parseSecrets({ headers: JSON.stringify(headers) }, WHERE).headers, headers);
  });

  it("refuses headers that each attempt sets, or that would break the request", () => {
    const reserved = ["Host", "content-LENGTH", "Transfer-Encoding", "Connection", "webhook-id", "Webhook-Anything"];
    for (const name of [...reserved, "Sentry-Hook-Signature", "Request-ID", "Content-Type", "Proxy-Authorization"]) {
      const { fields } = refusal({ headers: { [name]: "t0ken" } });
      assert.match(fields[0]?.field ?? "", new RegExp(name));
      assert.match(fields[0]?.expected ?? "", /no such header/);
    }
  });

  it("refuses names and values that HTTP does not allow, without showing values", () => {
    const bad: unknown[] = [
      { "X-A": "t0ken\r\nX-B: injected" },
      { "X-A": "t0ken\u0000" },
      { "X-A": "t0ken 🔑" },
      { "X-A": ["t0ken"] },
      { "X-A": "t0ken", "x-a": "t0ken" },
      { "X-A": `t0ken${"x".repeat(5_000)}` },
      { "Authorization: Bearer t0ken": "" },
      { "": "t0ken" },
      JSON.parse('{"__proto__":"t0ken"}'),
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`X-${index}`, "t0ken"])),
      "Authorization: Bearer t0ken",
      '["t0ken"]',
      ["t0ken"],
      5,
    ];
    for (const headers of bad) {
      const error = refusal({ headers });
      assert.match(error.fields[0]?.field ?? "", /^msg\.integrations\[0\]\.headers/);
      assert.doesNotMatch(error.message, /t0ken/);
    }
  });

  it("says which environment variable in a header is not set", () => {
    for (const value of ["${TOKEN}", "Bearer ${TOKEN}"]) {
      assert.deepEqual(refusal({ headers: { Authorization: value } }).fields, [
        {
          field: `${WHERE}.headers.Authorization`,
          value: "(hidden)",
          expected: "a value, but the environment variable TOKEN is not set",
        },
      ]);
    }
    assert.match(refusal({ headers: "${HEADERS}" }).message, /variable HEADERS is not set/);
  });
});
