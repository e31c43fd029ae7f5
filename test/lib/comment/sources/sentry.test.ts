import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readComment } from "../../../../nodes/lib/comment/read-comment";
import { sentryComment, sentryHeaders } from "../../../fixtures/source-payloads";
import { refusal, wrongFields } from "../refusal";

const read = (payload: unknown, headers: Record<string, string> = sentryHeaders) =>
  readComment({ payload, headers }, "auto");

describe("Sentry's comment webhook", () => {
  it("is read as its documentation shows it", () => {
    assert.deepEqual(read(sentryComment()), {
      type: "comment.created",
      comment: { id: 1234, text: "adding a comment" },
      issue: { id: 100 },
      project: { slug: "sentry" },
      actor: { type: "user", id: 1, name: "colleen" },
      timestamp: "2022-03-02T21:51:44.118Z",
      sourceDeliveryId: sentryHeaders["request-id"],
    });
    assert.equal(read({ ...sentryComment(), action: "updated" }).type, "comment.updated");
    assert.equal(read({ ...sentryComment(), action: "deleted" }).type, "comment.deleted");
  });

  it("is known by its shape", () => {
    assert.deepEqual(read(sentryComment(), {}), { ...read(sentryComment()), sourceDeliveryId: null });
  });

  it("takes an application as actor", () => {
    const actor = { type: "application", id: "sentry", name: "Sentry" };
    assert.deepEqual(read({ ...sentryComment(), actor }).actor, actor);
  });

  it("has its other resources refused by name, with and without the header", () => {
    for (const resource of ["installation", "event_alert", "issue", "metric_alert", "error"]) {
      const { fields } = refusal(() => read(sentryComment(), { "sentry-hook-resource": resource }));
      assert.deepEqual(fields, [
        { field: "the Sentry-Hook-Resource header", value: `"${resource}"`, expected: 'Sentry\'s "comment" webhook' },
      ]);
    }
    for (const key of ["issue", "error", "event", "metric_alert", "installation"]) {
      const payload = { ...sentryComment(), data: { [key]: { id: "1" } } };
      assert.deepEqual(
        wrongFields(() => read(payload, {})),
        { "msg.payload": `"Sentry ${key} webhook"` },
      );
    }
  });

  it("names every wrong field", () => {
    const payload = { action: "assigned", data: { comment: 5, comment_id: [], timestamp: "now" }, actor: null };
    assert.deepEqual(
      wrongFields(() => read(payload)),
      {
        "msg.payload.action": '"assigned"',
        "msg.payload.data.comment": "5",
        "msg.payload.data.comment_id": "[]",
        "msg.payload.data.issue_id": "nothing",
        "msg.payload.data.project_slug": "nothing",
        "msg.payload.data.timestamp": '"now"',
        "msg.payload.actor": "null",
      },
    );
  });
});
