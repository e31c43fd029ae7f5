import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { MAX_PAYLOAD_BYTES } from "../../../nodes/lib/comment/limits";
import { readComment } from "../../../nodes/lib/comment/read-comment";
import { githubComments } from "../../fixtures/github-comments";
import { hostileComments } from "../../fixtures/hostile-comments";
import { gitlabHeaders, gitlabNote, plainComment, sentryComment, sentryHeaders } from "../../fixtures/source-payloads";
import { refusal, wrongFields } from "./refusal";

describe("readComment", () => {
  it("finds headers whatever their case", () => {
    const headers = { "X-GitHub-Event": "push", "X-GITHUB-DELIVERY": "d" };
    assert.deepEqual(
      wrongFields(() => readComment({ payload: {}, headers }, "auto")),
      {
        "the X-GitHub-Event header": '"push"',
      },
    );
  });

  it("ignores headers that are no text, and does without", () => {
    const headers = { "x-github-event": 5, "webhook-id": ["a"], "idempotency-key": null };
    assert.equal(readComment({ payload: plainComment(), headers }, "auto").sourceDeliveryId, null);
    for (const none of [undefined, null, [], "x"]) {
      const input = { payload: plainComment(), headers: none as unknown as Record<string, unknown> };
      assert.equal(readComment(input, "auto").type, "comment.created");
    }
  });

  it("believes the header rather than the shape", () => {
    assert.deepEqual(
      Object.keys(wrongFields(() => readComment({ payload: plainComment(), headers: sentryHeaders }, "auto"))),
      ["msg.payload.data"],
    );
  });

  it("reads only what the source is said to be", () => {
    const [github] = githubComments();
    assert.ok(github);
    const inputs = {
      comment: { payload: plainComment(), headers: {} },
      sentry: { payload: sentryComment(), headers: sentryHeaders },
      gitlab: { payload: gitlabNote("issue"), headers: gitlabHeaders },
      github,
    } as const;
    const sources = ["comment", "sentry", "gitlab", "github"] as const;
    for (const source of sources) {
      for (const input of sources) {
        if (source === input) assert.equal(readComment(inputs[input], source).type, "comment.created");
        else assert.ok(refusal(() => readComment(inputs[input], source)).fields.length > 0);
      }
    }
  });

  it("reads raw bodies with a byte order mark", () => {
    const text = `\ufeff${JSON.stringify(plainComment())}`;
    for (const payload of [text, Buffer.from(text), new Uint8Array(Buffer.from(text))]) {
      assert.equal(readComment({ payload, headers: {} }, "auto").comment.id, 42);
    }
  });

  it("refuses a raw body larger than any source sends before parsing it", () => {
    const { fields } = refusal(() =>
      readComment({ payload: Buffer.alloc(MAX_PAYLOAD_BYTES + 1), headers: {} }, "auto"),
    );
    assert.deepEqual(fields, [
      { field: "msg.payload", value: `${MAX_PAYLOAD_BYTES + 1} bytes`, expected: `at most ${MAX_PAYLOAD_BYTES} bytes` },
    ]);
  });

  it("tells a stranger what would have been right", () => {
    const { message } = refusal(() => readComment({ payload: { hello: "world" }, headers: {} }, "auto"));
    assert.match(message, /msg\.payload is {"hello":"world"}, expected {action, comment:.*Sentry, GitHub or GitLab/);
  });

  it("looks for the plain form where any of it is there", () => {
    assert.deepEqual(Object.keys(wrongFields(() => readComment({ payload: { comment: {} }, headers: {} }, "auto"))), [
      "msg.payload.action",
      "msg.payload.comment.id",
      "msg.payload.comment.text",
      "msg.payload.issue",
      "msg.payload.project",
      "msg.payload.actor",
      "msg.payload.timestamp",
    ]);
  });

  it("refuses 600 hostile mutations of real payloads, each with the field's name", () => {
    for (const { name, payload, headers, field } of hostileComments(600, 20_261_123)) {
      const { fields, message } = refusal(() => readComment({ payload, headers }, "auto"));
      assert.ok(
        fields.some((wrong) => wrong.field.startsWith(field)),
        `${name}: ${message}`,
      );
      assert.ok(message.length < 4_000, `${name}: the message has ${message.length} characters`);
    }
    assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
  });
});

describe("hostileComments", () => {
  it("makes exactly as many as wanted, the same for the same seed", () => {
    assert.equal(hostileComments(50, 1).length, 50);
    const written = (seed: number) =>
      hostileComments(50, seed).map((hostile) => JSON.stringify(hostile).slice(0, 2_000));
    assert.deepEqual(written(1), written(1));
    assert.notDeepEqual(written(1), written(2));
  });
});
