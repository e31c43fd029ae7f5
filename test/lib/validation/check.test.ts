import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as v from "valibot";
import { check, pathOf } from "../../../nodes/lib/validation/check";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";
import { plainObject } from "../../../nodes/lib/validation/plain-object";

const schema = plainObject({
  id: v.number("a number"),
  owner: plainObject({ name: v.string("a name") }),
  secret: v.nullish(v.string("a text"), ""),
  headers: v.nullish(plainObject({ "X-Team": v.string("a team") })),
  tags: v.nullish(v.array(v.string("a tag"), "a list of tags"), []),
});

const options = { subject: "thing", path: "msg.thing", hidden: ["secret", "headers"] };

function fieldsOf(input: unknown): Record<string, [value: string, expected: string]> {
  try {
    check(schema, input, options);
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError);
    return Object.fromEntries(error.fields.map(({ field, value, expected }) => [field, [value, expected]]));
  }
  throw new assert.AssertionError({ message: "was accepted" });
}

describe("check", () => {
  it("gives what the schema reads", () => {
    assert.deepEqual(check(schema, { id: 1, owner: { name: "Ana", age: 5 }, more: true }, options), {
      id: 1,
      owner: { name: "Ana" },
      secret: "",
      headers: undefined,
      tags: [],
    });
  });

  it("names every wrong field, its value and what was expected there", () => {
    assert.deepEqual(fieldsOf({ id: "1", owner: {}, tags: ["a", 5] }), {
      "msg.thing.id": ['"1"', "a number"],
      "msg.thing.owner.name": ["nothing", "a name"],
      "msg.thing.tags[1]": ["5", "a tag"],
    });
  });

  it("says all of it in one message", () => {
    assert.throws(() => check(schema, { id: "1", owner: [] }, options), {
      name: "InvalidFieldsError",
      message: 'thing: msg.thing.id is "1", expected a number; msg.thing.owner is [], expected an object',
    });
  });

  it("hides values at, above and below a hidden path", () => {
    assert.equal(fieldsOf({ id: 1, owner: { name: "Ana" }, secret: 5 })["msg.thing.secret"]?.[0], "(hidden)");
    assert.equal(
      fieldsOf({ id: 1, owner: { name: "Ana" }, headers: { "X-Team": 5 } })['msg.thing.headers["X-Team"]']?.[0],
      "(hidden)",
    );
    assert.equal(fieldsOf([{ secret: "s3cret" }])["msg.thing"]?.[0], "(hidden)");
  });

  it("refuses arrays for objects, inherited properties and properties that throw", () => {
    assert.deepEqual(fieldsOf({ id: 1, owner: Object.create({ name: "Ana" }) }), {
      "msg.thing.owner.name": ["nothing", "a name"],
    });
    const owner = Object.defineProperty({}, "name", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    });
    assert.deepEqual(fieldsOf({ id: 1, owner }), { "msg.thing.owner.name": ["symbol", "a name"] });
  });
});

describe("pathOf", () => {
  it("writes paths as JavaScript does", () => {
    assert.equal(pathOf("msg", ["list", 3, "größe", "X-A", "1a"]), 'msg.list[3].größe["X-A"]["1a"]');
  });
});
