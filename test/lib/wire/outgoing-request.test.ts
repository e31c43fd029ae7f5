import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { outgoingRequest } from "../../../nodes/lib/wire/outgoing-request";
import { NoSecretError } from "../../../nodes/lib/wire/sign";
import { version } from "../../../package.json";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function request({
  headers = {},
  body = '{"a":1}',
  key = secret,
}: Record<string, unknown> & {
  headers?: Record<string, string>;
  body?: string;
  key?: string;
} = {}) {
  return outgoingRequest({
    delivery: { id: "msg_1", scheme: "standard", body },
    live: { spec: { url: "https://example.com/hooks" }, secrets: { secret: key, previousSecret: "", headers } },
    nowMs: Date.now(),
  });
}

describe("the request of an attempt", () => {
  it("sends the bytes that it signed, in any language", () => {
    const { url, headers, body } = request({ body: '{"comment":"Grüße, 你好 👋🏽 \\ud83d"}' });
    assert.equal(url, "https://example.com/hooks");
    assert.deepEqual(new Webhook(secret).verify(body, headers), { comment: "Grüße, 你好 👋🏽 \ud83d" });
  });

  it("is signed at the present second", () => {
    const { headers } = outgoingRequest({
      delivery: { id: "msg_1", scheme: "standard", body: "{}" },
      live: { spec: { url: "https://example.com/" }, secrets: { secret, previousSecret: "", headers: {} } },
      nowMs: 1_700_000_000_999,
    });
    assert.equal(headers["webhook-timestamp"], "1700000000");
  });

  it("says what it is and who sends it, and asks for an answer that is not packed", () => {
    const { headers } = request();
    assert.equal(headers["Content-Type"], "application/json");
    assert.equal(headers["User-Agent"], `comment-webhooks/${version}`);
    assert.equal(headers["Accept-Encoding"], "identity");
  });

  it("carries the extra headers of the credentials", () => {
    const { headers } = request({ headers: { Authorization: "Bearer abc", "user-agent": "Ours/2" } });
    assert.equal(headers.Authorization, "Bearer abc");
    assert.equal(headers["User-Agent"], "Ours/2");
    assert.equal(headers["user-agent"], undefined);
  });

  it("does not let an extra header replace what is signed", () => {
    const { headers } = request({
      headers: { "Webhook-Id": "msg_2", "WEBHOOK-SIGNATURE": "v1,x", "content-type": "x/y" },
    });
    assert.deepEqual(
      Object.keys(headers).filter((name) => /^(webhook-|content-type)/i.test(name)),
      ["Content-Type", "webhook-id", "webhook-timestamp", "webhook-signature"],
    );
    assert.equal(headers["webhook-id"], "msg_1");
  });

  it("is not made without a secret", () => {
    assert.throws(() => request({ key: "" }), NoSecretError);
  });
});
