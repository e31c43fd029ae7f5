import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";
import { parseWebhook } from "../../../nodes/lib/wire/parse-webhook";

const good = {
  id: "msg_1a2B",
  event: "comment.created",
  integration: "9f8e7d",
  orderKey: "42",
  body: { type: "comment.created", data: { comment: "Grüße 👋", list: [1, null, true, "x"] } },
};

/** Fields named by the refusal of a webhook that differs from a good one. */
function refusedFields(changes: Record<string, unknown>): string[] {
  return refusal({ ...good, ...changes }).fields.map(({ field }) => field);
}

function refusal(value: unknown): InvalidFieldsError {
  try {
    parseWebhook(value);
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "was accepted" });
}

function nested(levels: number): Record<string, unknown> {
  return levels === 0 ? {} : { a: nested(levels - 1) };
}

describe("reading msg.webhook", () => {
  it("gives back the webhook and the text that will be sent", () => {
    const { webhook, bodyText } = parseWebhook({ ...good, more: 1 });
    assert.deepEqual(webhook, good);
    assert.equal(bodyText, JSON.stringify(good.body));
  });

  it("takes what a function node made in its own context", () => {
    const made: unknown = runInNewContext(`(${JSON.stringify(good)})`);
    assert.equal(parseWebhook(made).bodyText, JSON.stringify(good.body));
  });

  it("leaves out properties that are undefined, as JSON does", () => {
    assert.equal(parseWebhook({ ...good, body: { a: undefined, b: 1 } }).bodyText, '{"b":1}');
  });

  it("names every field that is wrong", () => {
    assert.deepEqual(refusedFields({ id: "1", event: "x", integration: "", orderKey: 7, body: [] }), [
      "msg.webhook.id",
      "msg.webhook.event",
      "msg.webhook.integration",
      "msg.webhook.orderKey",
      "msg.webhook.body",
    ]);
  });

  it("refuses whatever is not a webhook at all", () => {
    for (const value of [undefined, null, "text", 7, [], () => 1]) {
      assert.deepEqual(
        refusal(value).fields.map(({ field }) => field),
        ["msg.webhook"],
      );
    }
  });

  it("refuses ids that could not stand in a header or a signature", () => {
    for (const id of ["msg_", "msg_a.b", "msg_a\r\nX: 1", "msg_é", "MSG_a", `msg_${"a".repeat(129)}`, 1, null]) {
      assert.deepEqual(refusedFields({ id }), ["msg.webhook.id"]);
    }
  });

  it("refuses settings of another integration, and does not show them", () => {
    const error = refusal({ ...good, settings: { id: "other", sealedSecrets: "v1.sealed" } });
    assert.deepEqual(
      error.fields.map(({ field, value }) => [field, value]),
      [["msg.webhook.settings", "(hidden)"]],
    );
    assert.equal(parseWebhook({ ...good, settings: { id: good.integration } }).webhook.settings?.id, good.integration);
  });
});

describe("the body of msg.webhook", () => {
  const notJson: [string, unknown, string][] = [
    ["a function", () => 1, ".data.x"],
    ["a bigint", 10n, ".data.x"],
    ["a symbol", Symbol("x"), ".data.x"],
    ["NaN", Number.NaN, ".data.x"],
    ["Infinity", Number.POSITIVE_INFINITY, ".data.x"],
    ["a date", new Date(0), ".data.x"],
    ["a buffer", Buffer.from("x"), ".data.x"],
    ["a map", new Map(), ".data.x"],
    ["an object with toJSON", { toJSON: () => 1 }, ".data.x"],
    ["undefined in a list", [1, undefined], ".data.x[1]"],
    ["a function deep inside", { "a b": [{ c: () => 1 }] }, '.data.x["a b"][0].c'],
  ];
  for (const [name, value, path] of notJson) {
    it(`is refused with ${name}, naming the place`, () => {
      assert.deepEqual(refusedFields({ body: { data: { x: value } } }), [`msg.webhook.body${path}`]);
    });
  }

  it("is refused when it contains itself", () => {
    const body: Record<string, unknown> = { a: [] };
    body.a = [body];
    assert.match(refusal({ ...good, body }).message, /contains itself/);
  });

  it("is refused beyond 100 levels", () => {
    parseWebhook({ ...good, body: nested(99) });
    assert.match(refusal({ ...good, body: nested(100) }).message, /at most 100 levels/);
    assert.match(refusal({ ...good, body: nested(5_000) }).message, /at most 100 levels/);
  });

  it("is refused beyond 1 MiB as sent, whatever makes it large", () => {
    const exact = { a: "x".repeat(1_048_576 - '{"a":""}'.length) };
    assert.equal(Buffer.byteLength(parseWebhook({ ...good, body: exact }).bodyText), 1_048_576);
    const shared = Array.from({ length: 1_000 }, () => 1);
    const tooLarge = [
      { a: `${exact.a}x` },
      { a: "é".repeat(524_288) },
      { a: "\n".repeat(600_000) },
      { a: Array.from({ length: 1_048_576 }, () => null) },
      { ["k".repeat(1_048_576)]: 1 },
      { a: Array.from({ length: 1_000 }, () => [shared, shared]) },
    ];
    for (const body of tooLarge) {
      const error = refusal({ ...good, body });
      assert.match(error.message, /at most 1048576 bytes/);
      assert.ok(error.message.length < 1_000);
    }
  });

  it("is refused when it is no object", () => {
    for (const body of [undefined, null, "text", 1, [], true]) {
      assert.deepEqual(refusedFields({ body }), ["msg.webhook.body"]);
    }
  });
});
