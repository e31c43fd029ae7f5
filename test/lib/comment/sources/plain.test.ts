import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { MAX_BODY_BYTES, MAX_TEXT_BYTES } from "../../../../nodes/lib/comment/limits";
import { readComment } from "../../../../nodes/lib/comment/read-comment";
import { plainComment } from "../../../fixtures/source-payloads";
import { refusal, wrongFields } from "../refusal";

const read = (payload: unknown, headers: Record<string, string> = {}) => readComment({ payload, headers }, "comment");
const withText = (text: unknown) => ({ ...plainComment(), comment: { id: 42, text } });

describe("the plain form", () => {
  it("is read as it stands", () => {
    assert.deepEqual(read(plainComment()), {
      type: "comment.created",
      comment: { id: 42, text: "Should we ship this? 🚀" },
      issue: { id: "ISSUE-7" },
      project: { slug: "web-shop" },
      actor: { type: "user", id: 3, name: "Ana" },
      timestamp: "2026-11-23T10:00:00.000Z",
      sourceDeliveryId: null,
    });
    assert.equal(read({ ...plainComment(), action: "updated" }).type, "comment.updated");
    assert.equal(read({ ...plainComment(), action: "deleted" }).type, "comment.deleted");
  });

  it("keeps ids as they are, texts and whole numbers", () => {
    for (const id of [0, -1, Number.MAX_SAFE_INTEGER, "0", "007", "9007199254740993", "ü/#?", "x".repeat(255)]) {
      assert.equal(read({ ...plainComment(), issue: { id } }).issue.id, id);
    }
  });

  it("names every wrong field in one error, with its value and what was expected", () => {
    const error = refusal(() =>
      read({ action: "made", comment: { id: 1.5, text: null }, issue: [], project: {}, actor: { type: "", id: {} } }),
    );
    assert.deepEqual(error.fields, [
      { field: "msg.payload.action", value: '"made"', expected: '"created", "updated" or "deleted"' },
      {
        field: "msg.payload.comment.id",
        value: "1.5",
        expected: "a text of 1 to 255 printable characters, or a whole number up to 2^53 (a larger one as text)",
      },
      { field: "msg.payload.comment.text", value: "null", expected: `a text of at most ${MAX_TEXT_BYTES} bytes` },
      { field: "msg.payload.issue", value: "[]", expected: "an object" },
      {
        field: "msg.payload.project.slug",
        value: "nothing",
        expected: "a text of 1 to 255 printable characters",
      },
      { field: "msg.payload.actor.type", value: '""', expected: "a text of 1 to 255 printable characters" },
      {
        field: "msg.payload.actor.id",
        value: "{}",
        expected: "a text of 1 to 255 printable characters, or a whole number up to 2^53 (a larger one as text)",
      },
      { field: "msg.payload.actor.name", value: "nothing", expected: "a text of at most 255 characters" },
      {
        field: "msg.payload.timestamp",
        value: "nothing",
        expected: 'an ISO 8601 time with its zone, e.g. "2026-11-23T10:00:00Z", or milliseconds since 1970',
      },
    ]);
  });

  it("keeps text of any language unharmed", () => {
    for (const text of [
      "",
      " ",
      "日本語のコメント",
      "نص عربي مع English",
      "עברית",
      "👩‍👩‍👧‍👦 🇩🇪 e\u0301",
      "\u0000\u0001\u001b[31m\u007f\ufffe\uffff",
      "line\r\nline\u2028line\u2029",
      "<script>alert(1)</script>{{x}}%s",
      "\u202eright to left\u202c",
      "__proto__",
    ]) {
      assert.equal(read(withText(text)).comment.text, text);
      assert.equal(read(JSON.stringify(withText(text))).comment.text, text);
      assert.equal(read(Buffer.from(JSON.stringify(withText(text)))).comment.text, text);
    }
  });

  it("repairs half a surrogate pair in a text or name, and refuses it in what is compared", () => {
    assert.equal(read(withText("cut 🚀\ud83d")).comment.text, "cut 🚀\ufffd");
    assert.equal(read(withText("\udc00\ud83d\ude80")).comment.text, "\ufffd🚀");
    const actor = { type: "user", id: 1, name: "Ana \ud83d" };
    assert.equal(read({ ...plainComment(), actor }).actor.name, "Ana \ufffd");
    assert.deepEqual(
      wrongFields(() => read({ ...plainComment(), issue: { id: "\ud83d" } })),
      {
        "msg.payload.issue.id": '"\\ud83d"',
      },
    );
  });

  it("takes a text whose JSON just fits, in bytes, and not one more", () => {
    const quotes = 2;
    const edges: [unit: string, jsonBytes: number][] = [
      ["x", 1],
      ["ü", 2],
      ["本", 3],
      ["🚀", 4],
      ["\n", 2],
      ["\u0001", 6],
    ];
    for (const [unit, bytes] of edges) {
      const most = Math.floor((MAX_TEXT_BYTES - quotes) / bytes);
      assert.equal(read(withText(unit.repeat(most))).comment.text, unit.repeat(most));
      assert.deepEqual(Object.keys(wrongFields(() => read(withText(unit.repeat(most + 1))))), [
        "msg.payload.comment.text",
      ]);
    }
  });

  it("leaves room in a body for everything else, however long it is", () => {
    const label = "本".repeat(255);
    const event = read({
      ...plainComment(),
      comment: { id: label, text: "" },
      issue: { id: label },
      project: { slug: label },
      actor: { type: label, id: label, name: "\u0001".repeat(255) },
    });
    assert.ok(Buffer.byteLength(JSON.stringify(event)) < MAX_BODY_BYTES - MAX_TEXT_BYTES - 512);
  });

  it("takes the sender's name of the delivery, told apart by comment, for a request may carry several", () => {
    const name = (payload: unknown, headers: Record<string, string>) => read(payload, headers).sourceDeliveryId;
    const first = name(plainComment(), { "webhook-id": "msg_1", "idempotency-key": "k" });
    assert.equal(first, "msg_1/42/comment.created/2026-11-23T10:00:00.000Z");
    assert.equal(name(plainComment(), { "Webhook-Id": "msg_1" }), first);
    assert.notEqual(name({ ...plainComment(), comment: { id: 43, text: "" } }, { "webhook-id": "msg_1" }), first);
    assert.match(name(plainComment(), { "idempotency-key": "k" }) ?? "", /^k\//);
    assert.equal(name(plainComment(), { "webhook-id": " " }), null);
  });

  it("ignores what an object inherits and what is called like its machinery", () => {
    const polluted = JSON.parse('{"__proto__":{"action":"created"},"constructor":{"prototype":{"x":1}}}');
    assert.equal(Object.keys(wrongFields(() => read(polluted))).length, 6);
    assert.equal(Object.keys(wrongFields(() => read(Object.create(plainComment())))).length, 6);
    assert.equal(Object.hasOwn(Object.prototype, "x"), false);
    const extra = JSON.parse(`{"__proto__":{"x":1},${JSON.stringify(plainComment()).slice(1)}`);
    assert.deepEqual(read(extra), read(plainComment()));
  });

  it("survives properties that throw or change", () => {
    const payload = Object.defineProperty(plainComment(), "issue", {
      get() {
        throw new Error("no");
      },
    });
    assert.deepEqual(Object.keys(wrongFields(() => read(payload))), ["msg.payload.issue"]);
    let looks = 0;
    const issue = Object.defineProperty({}, "id", { enumerable: true, get: () => (looks++ === 0 ? 7 : {}) });
    assert.equal(read({ ...plainComment(), issue }).issue.id, 7);
  });
});
