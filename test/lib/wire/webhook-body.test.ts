import assert from "node:assert/strict";
import type { CommentEvent } from "../../../nodes/lib/comment/comment-event";
import { testBody, webhookBody } from "../../../nodes/lib/wire/webhook-body";

const installation = "7a485448-a9e2-4c85-8a3c-4f44175783c9";
const event: CommentEvent = {
  type: "comment.updated",
  comment: { id: 1234, text: "Grüße 👋" },
  issue: { id: "100" },
  project: { slug: "sentry" },
  actor: { type: "user", id: 1, name: "colleen" },
  timestamp: "2026-11-23T10:00:00.000Z",
  sourceDeliveryId: "abc",
};
const data = {
  comment_id: 1234,
  issue_id: "100",
  project_slug: "sentry",
  timestamp: "2026-11-23T10:00:00.000Z",
  comment: "Grüße 👋",
};
const actor = { type: "user", id: 1, name: "colleen" };

describe("the body of a comment webhook", () => {
  it("has Sentry's shape under the sentry scheme", () => {
    assert.deepEqual(webhookBody(event, { scheme: "sentry", installation }), {
      action: "updated",
      data,
      installation: { uuid: installation },
      actor,
    });
  });

  it("has type, timestamp and data under the standard scheme", () => {
    assert.deepEqual(webhookBody(event, { scheme: "standard", installation }), {
      type: "comment.updated",
      timestamp: "2026-11-23T10:00:00.000Z",
      data: { ...data, installation: { uuid: installation }, actor },
    });
  });
});

describe("the body of a test", () => {
  it("says that it is a test, and cannot be taken for a comment", () => {
    const at = "2026-11-23T10:00:00.000Z";
    assert.deepEqual(testBody({ scheme: "standard", installation }, at), {
      type: "webhook.test",
      timestamp: at,
      data: {
        test: true,
        timestamp: at,
        message: "This is a test. No comment was made.",
        installation: { uuid: installation },
      },
    });
    const sentry = testBody({ scheme: "sentry", installation }, at);
    assert.equal(sentry.action, "test");
    assert.deepEqual(sentry.installation, { uuid: installation });
    assert.ok(!JSON.stringify(sentry).includes("comment_id"));
  });
});
