import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readComment } from "../../../../nodes/lib/comment/read-comment";
import { gitlabHeaders, gitlabNote } from "../../../fixtures/source-payloads";
import { refusal, wrongFields } from "../refusal";

const read = (payload: unknown, headers: Record<string, string> = gitlabHeaders) =>
  readComment({ payload, headers }, "auto");

function issueNote(attributes: Record<string, unknown>): Record<string, unknown> {
  const hook = gitlabNote("issue");
  return { ...hook, object_attributes: { ...(hook.object_attributes as object), ...attributes } };
}

describe("GitLab's note hook", () => {
  it("is read for an issue, a merge request, a commit and a snippet", () => {
    const actor = { type: "user", id: 1, name: "Administrator" };
    const project = { slug: "gitlab-org/gitlab-test" };
    const type = "comment.created";
    const sourceDeliveryId = gitlabHeaders["idempotency-key"];
    assert.deepEqual(read(gitlabNote("issue")), {
      type,
      comment: { id: 1241, text: "Hello world" },
      issue: { id: 92 },
      project,
      actor,
      timestamp: "2015-05-17T17:06:40.000Z",
      sourceDeliveryId,
    });
    assert.deepEqual(read(gitlabNote("merge-request")), {
      type,
      comment: { id: 1244, text: "This MR needs work." },
      issue: { id: 7 },
      project,
      actor,
      timestamp: "2015-05-17T18:21:36.000Z",
      sourceDeliveryId,
    });
    assert.deepEqual(read(gitlabNote("commit")), {
      type,
      comment: { id: 1243, text: "This is a commit comment. How does this work?" },
      issue: { id: "cfe32cf61b73a0d5e9f13e774abde7ff789b1660" },
      project,
      actor,
      timestamp: "2015-05-17T18:08:09.000Z",
      sourceDeliveryId,
    });
    assert.deepEqual(read(gitlabNote("snippet")), {
      type,
      comment: { id: 1245, text: "Is this snippet doing what it's supposed to be doing?" },
      issue: { id: 53 },
      project,
      actor,
      timestamp: "2015-05-17T18:35:50.000Z",
      sourceDeliveryId,
    });
  });

  it("of a changed note has the time of the change", () => {
    const { type, timestamp } = read(issueNote({ action: "update", updated_at: "2015-05-18 09:00:00 UTC" }));
    assert.deepEqual([type, timestamp], ["comment.updated", "2015-05-18T09:00:00.000Z"]);
  });

  it("without an action, as before GitLab 16.11, is a new note", () => {
    assert.equal(read(issueNote({ action: undefined })).type, "comment.created");
  });

  it("is known by its shape", () => {
    assert.deepEqual(read(gitlabNote("commit"), {}), { ...read(gitlabNote("commit")), sourceDeliveryId: null });
  });

  it("takes the delivery's name, or the event's with the note, since events that cause one another share it", () => {
    const name = (headers: Record<string, string>) => read(gitlabNote("issue"), headers).sourceDeliveryId;
    const event = { "x-gitlab-event": "Note Hook", "x-gitlab-event-uuid": "e" };
    assert.equal(name({ ...event, "webhook-id": "w" }), "w");
    assert.equal(name(event), "e/1241/comment.created/2015-05-17T17:06:40.000Z");
    assert.notEqual(
      read(issueNote({ action: "update" }), event).sourceDeliveryId,
      read(issueNote({ action: "create" }), event).sourceDeliveryId,
    );
  });

  it("is refused when it is another hook, with its name", () => {
    for (const hook of ["Push Hook", "Issue Hook", "System Hook", "Confidential Note Hook"]) {
      const headers = { "x-gitlab-event": hook };
      assert.deepEqual(
        wrongFields(() => read(gitlabNote("issue"), headers)),
        {
          "the X-Gitlab-Event header": `"${hook}"`,
        },
      );
    }
    for (const kind of ["push", "issue", "merge_request", "pipeline"]) {
      assert.deepEqual(
        wrongFields(() => read({ object_kind: kind, object_attributes: {} }, {})),
        {
          "msg.payload.object_kind": `"${kind}"`,
        },
      );
    }
  });

  it("is refused for confidential notes, for notes that nobody wrote, and for other actions and records", () => {
    const { expected } =
      refusal(() => read({ ...gitlabNote("issue"), event_type: "confidential_note" })).fields[0] ?? {};
    assert.equal(expected, "a note that is not confidential");
    assert.deepEqual(
      wrongFields(() => read(issueNote({ system: true, action: "delete", noteable_type: "Epic" }))),
      {
        "msg.payload.object_attributes.action": '"delete"',
        "msg.payload.object_attributes.system": "true",
        "msg.payload.object_attributes.noteable_type": '"Epic"',
      },
    );
  });

  it("names every wrong field", () => {
    assert.deepEqual(
      wrongFields(() => read({ object_kind: "note", object_attributes: { noteable_type: "Commit" } })),
      {
        "msg.payload.user": "nothing",
        "msg.payload.project": "nothing",
        "msg.payload.object_attributes.id": "nothing",
        "msg.payload.object_attributes.note": "nothing",
        "msg.payload.object_attributes.created_at": "nothing",
        "msg.payload.object_attributes.updated_at": "nothing",
        "msg.payload.object_attributes.commit_id": "nothing",
      },
    );
  });
});
