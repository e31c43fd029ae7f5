import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { webhookId } from "../../../nodes/lib/wire/webhook-id";

function noChance(): Buffer {
  throw new Error("asked for chance");
}

describe("the id of a webhook", () => {
  it("is msg_ and letters and digits, whatever the source's delivery id", () => {
    const ids = [
      null,
      "",
      "abc123",
      "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "a.b.c",
      "é",
      "\r\nX: 1",
      "x".repeat(9_999),
    ];
    for (const id of ids) assert.match(webhookId(id, randomBytes), /^msg_[A-Za-z0-9]{1,64}$/);
  });

  it("is the same for the same delivery of the source, and another for another", () => {
    const ids = ["abc123", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-cc78-11e3-81ab-4c9367dc0959", "a.b", "ab"];
    for (const id of ids) assert.equal(webhookId(id, noChance), webhookId(id, noChance));
    assert.equal(new Set(ids.map((id) => webhookId(id, noChance))).size, ids.length);
    assert.equal(webhookId("abc123", noChance), "msg_abc123");
  });

  it("is left to chance where the source has none", () => {
    assert.notEqual(webhookId(null, randomBytes), webhookId(null, randomBytes));
    assert.equal(
      webhookId("", (size) => Buffer.alloc(size, 0xab)),
      `msg_${"ab".repeat(16)}`,
    );
  });
});
