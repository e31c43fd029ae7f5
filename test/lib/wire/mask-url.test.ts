import assert from "node:assert/strict";
import { maskUrl, urlTokens } from "../../../nodes/lib/wire/mask-url";

describe("masking a URL", () => {
  const unchanged = [
    "https://example.com/",
    "http://127.0.0.1:1880/receiver",
    "https://example.com/integrations/comment-webhook-receiver/v2?project=my-first-project&page=2",
    "https://[2001:db8::1]:8443/hooks",
  ];
  for (const url of unchanged) it(`leaves ${url}`, () => assert.equal(maskUrl(url), url));

  const masked: [string, string][] = [
    ["https://user:pass@example.com/a", "https://***@example.com/a"],
    ["https://example.com/a?token=abc&b=1", "https://example.com/a?token=***&b=1"],
    ["https://example.com/a?X-Amz-Signature=abc&api_key=1", "https://example.com/a?X-Amz-Signature=***&api_key=***"],
    ["https://example.com/?0123456789abcdef0123", "https://example.com/?***"],
    ["https://example.com/?q=0123456789abcdef0123", "https://example.com/?q=***"],
    [
      "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
      "https://hooks.slack.com/services/T00000000/B00000000/XXXX***",
    ],
    [
      "https://discord.com/api/webhooks/123456789012345678/abcDEF-ghi_JKL0123456789abcDEFghiJKL0123456789",
      "https://discord.com/api/webhooks/123456789012345678/abcD***",
    ],
    [
      "https://x.webhook.office.com/webhookb2/0fd0a8d6-1a2b@11112222/IncomingWebhook/0123456789abcdef0123456789abcdef/0fd0",
      "https://x.webhook.office.com/webhookb2/0fd0***/IncomingWebhook/0123***/0fd0",
    ],
    [
      "https://api.telegram.org/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11/sendMessage",
      "https://api.telegram.org/bot1***/sendMessage",
    ],
  ];
  for (const [url, expected] of masked) it(`shows ${expected}`, () => assert.equal(maskUrl(url), expected));

  it("shows nothing of what is not a URL", () => {
    assert.equal(maskUrl("secret text"), "(not a URL)");
  });

  it("tells what it masks, so that it can be found elsewhere", () => {
    const url = "https://me:pass@example.com/hooks/a1b2c3d4e5f6g7h8/x?token=sho%2Frt&page=2&flag";
    assert.deepEqual(urlTokens(url), ["me", "pass", "a1b2c3d4e5f6g7h8", "sho%2Frt", "sho/rt"]);
    assert.deepEqual(urlTokens("https://example.com/hooks?token="), []);
    assert.deepEqual(urlTokens("no URL"), []);
  });
});
