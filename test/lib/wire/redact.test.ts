import assert from "node:assert/strict";
import { redactHeaders, redactText } from "../../../nodes/lib/wire/redact";

describe("redacting headers", () => {
  it("hides signatures, authorization, cookies, keys and tokens and leaves the rest", () => {
    assert.deepEqual(
      redactHeaders({
        "webhook-id": "msg_1",
        "webhook-timestamp": "1",
        "webhook-signature": "v1,abc",
        "Sentry-Hook-Signature": "abc",
        "Sentry-Hook-Resource": "comment",
        Authorization: "Bearer abc",
        "Proxy-Authorization": "Basic abc",
        Cookie: "a=b",
        "set-cookie": "a=b",
        "X-Api-Key": "abc",
        "X-ApiKey": "abc",
        "X-Auth-Token": "abc",
        "private-token": "abc",
        "x-client-secret": "abc",
        "www-authenticate": 'Basic realm="hooks"',
        "content-type": "text/plain",
      }),
      {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1",
        "webhook-signature": "***",
        "Sentry-Hook-Signature": "***",
        "Sentry-Hook-Resource": "comment",
        Authorization: "***",
        "Proxy-Authorization": "***",
        Cookie: "***",
        "set-cookie": "***",
        "X-Api-Key": "***",
        "X-ApiKey": "***",
        "X-Auth-Token": "***",
        "private-token": "***",
        "x-client-secret": "***",
        "www-authenticate": 'Basic realm="hooks"',
        "content-type": "text/plain",
      },
    );
  });

  it("hides every header from the credentials, whatever its name and case", () => {
    assert.deepEqual(redactHeaders({ "X-Team": "red", "x-other": "1" }, { "x-team": "red" }), {
      "X-Team": "***",
      "x-other": "1",
    });
  });

  it("leaves its input as it was", () => {
    const headers = Object.freeze({ cookie: "a=b" });
    redactHeaders(headers);
    assert.deepEqual(headers, { cookie: "a=b" });
  });
});

describe("redacting a text", () => {
  it("hides each secret wherever it stands", () => {
    assert.equal(redactText("a Bearer abc123 b Bearer abc123", ["Bearer abc123", "other-secret"]), "a *** b ***");
  });

  it("does not hide what is too short to be a secret", () => {
    assert.equal(redactText("banana", ["", "a"]), "banana");
  });
});
