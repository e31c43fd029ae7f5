import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readComment } from "../../../../nodes/lib/comment/read-comment";
import { githubComments, otherGithubEvents } from "../../../fixtures/github-comments";
import { refusal, wrongFields } from "../refusal";

const TYPES: Record<string, string> = {
  created: "comment.created",
  edited: "comment.updated",
  deleted: "comment.deleted",
};

function exampleOf(event: string, action: string) {
  const example = githubComments().find((one) => one.event === event && one.payload.action === action);
  assert.ok(example);
  return example;
}

describe("GitHub's comment webhooks", () => {
  it("are read, every example that there is", () => {
    const seen = new Set<string>();
    for (const { event, payload, headers } of githubComments()) {
      const read = readComment({ payload, headers }, "auto");
      const { id, body } = payload.comment as { id: number; body: string };
      assert.equal(read.type, TYPES[`${payload.action}`]);
      assert.deepEqual(read.comment, { id, text: body });
      assert.equal(read.project.slug, (payload.repository as { full_name: string }).full_name);
      assert.equal(read.sourceDeliveryId, headers["x-github-delivery"]);
      seen.add(`${event} ${payload.action}`);
    }
    assert.equal(seen.size, 10);
  });

  it("are known by their shape, parsed or raw", () => {
    for (const { payload, headers } of githubComments()) {
      const expected = { ...readComment({ payload, headers }, "github"), sourceDeliveryId: null };
      for (const form of [payload, JSON.stringify(payload), Buffer.from(JSON.stringify(payload))]) {
        assert.deepEqual(readComment({ payload: form, headers: {} }, "auto"), expected);
      }
    }
  });

  it("have the id of what is commented on, the sender as actor, and the time of the change", () => {
    const actor = { type: "user", id: 21031067, name: "Codertocat" };
    const expected: [event: string, action: string, issue: string | number, timestamp: string][] = [
      ["issue_comment", "created", 444500041, "2019-05-15T15:20:21.000Z"],
      ["issue_comment", "edited", 444500041, "2019-05-15T15:20:22.000Z"],
      ["issue_comment", "deleted", 444500041, "2019-05-15T15:20:22.000Z"],
      ["pull_request_review_comment", "created", 279147437, "2019-05-15T15:20:37.000Z"],
      ["pull_request_review_comment", "edited", 279147437, "2019-05-15T15:20:38.000Z"],
      ["commit_comment", "created", "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "2019-05-15T15:20:39.000Z"],
      ["discussion_comment", "created", 3297442, "2021-03-29T14:16:31.000Z"],
    ];
    for (const [event, action, issue, timestamp] of expected) {
      const read = readComment(exampleOf(event, action), "auto");
      assert.deepEqual([read.issue.id, read.timestamp, read.actor], [issue, timestamp, actor], `${event} ${action}`);
    }
  });

  it("are read from a form, GitHub's other content type", () => {
    const { payload, headers } = exampleOf("issue_comment", "created");
    const json = JSON.stringify({ ...payload, comment: { ...(payload.comment as object), body: "a+b & c=ü" } });
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const raw = new URLSearchParams({ payload: json }).toString();
    for (const given of [raw, Buffer.from(raw), { payload: json }]) {
      assert.equal(readComment({ payload: given, headers: form }, "auto").comment.text, "a+b & c=ü");
    }
  });

  it("are read from servers that imitate GitHub and leave out the account's type", () => {
    const { payload, headers } = exampleOf("issue_comment", "created");
    const sender = { id: 7, login: "ana" };
    assert.deepEqual(readComment({ payload: { ...payload, sender }, headers }, "auto").actor, {
      type: "user",
      id: 7,
      name: "ana",
    });
  });

  it("of every other event are refused with its name, by header", () => {
    const others = otherGithubEvents();
    assert.ok(others.length > 300);
    for (const { event, payload, headers } of others) {
      for (const source of ["auto", "github"] as const) {
        assert.deepEqual(
          wrongFields(() => readComment({ payload, headers }, source)),
          {
            "the X-GitHub-Event header": `"${event}"`,
          },
        );
      }
    }
  });

  it("of every other event are refused with its name, by shape", () => {
    for (const { event, payload } of otherGithubEvents()) {
      for (const source of ["auto", "github"] as const) {
        const { "msg.payload": value = "" } = wrongFields(() => readComment({ payload, headers: {} }, source));
        const named = /^"GitHub (.+) event"$/.exec(value)?.[1]?.split(" or ") ?? [];
        assert.ok(named.includes(event), `${event} is called ${value}`);
      }
    }
  });

  it("with another action are refused with its name", () => {
    const { payload, headers } = exampleOf("issue_comment", "created");
    for (const action of ["pinned", "unpinned", "Created", "", undefined]) {
      const error = refusal(() => readComment({ payload: { ...payload, action }, headers }, "auto"));
      assert.deepEqual(
        error.fields.map(({ field, expected }) => [field, expected]),
        [["msg.payload.action", '"created", "edited" or "deleted"']],
      );
    }
  });

  it("name every wrong field", () => {
    const headers = { "x-github-event": "commit_comment" };
    const payload = { action: "created", comment: { id: 1, body: null, created_at: 5 }, sender: { type: 5 } };
    assert.deepEqual(
      wrongFields(() => readComment({ payload, headers }, "auto")),
      {
        "msg.payload.repository": "nothing",
        "msg.payload.sender.id": "nothing",
        "msg.payload.sender.login": "nothing",
        "msg.payload.sender.type": "5",
        "msg.payload.comment.body": "null",
        "msg.payload.comment.created_at": "5",
        "msg.payload.comment.updated_at": "nothing",
        "msg.payload.comment.commit_id": "nothing",
      },
    );
  });
});
