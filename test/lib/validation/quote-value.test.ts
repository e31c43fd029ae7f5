import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { quoteValue } from "../../../nodes/lib/validation/invalid-fields-error";

describe("quoteValue", () => {
  it("quotes values as JSON does", () => {
    assert.equal(quoteValue("a\nb"), '"a\\nb"');
    assert.equal(quoteValue({ a: [1, null, true], b: { c: "d" } }), '{"a":[1,null,true],"b":{"c":"d"}}');
    assert.equal(quoteValue([]), "[]");
  });

  it("says what JSON has no word for", () => {
    assert.equal(quoteValue(undefined), "nothing");
    assert.equal(quoteValue(Number.NaN), "NaN");
    assert.equal(quoteValue(12n), "12");
    assert.equal(quoteValue(Symbol("s")), "symbol");
    assert.equal(quoteValue(new Date(Number.NaN)), "an invalid date");
    assert.equal(quoteValue(Buffer.alloc(7)), "7 bytes");
  });

  it("shows at most 80 characters and never half of one", () => {
    assert.equal(quoteValue("🚀".repeat(500)), `"${"🚀".repeat(79)}…`);
    assert.equal(quoteValue("x".repeat(78)), `"${"x".repeat(78)}"`);
    assert.equal(quoteValue("x".repeat(79)), `"${"x".repeat(79)}…`);
    assert.equal(Array.from(quoteValue({ a: "x".repeat(5_000), b: "y" })).length, 81);
  });

  it("stays on one line and keeps its direction", () => {
    assert.equal(quoteValue("a\u2028b\u202ec\u0085d"), '"a\\u2028b\\u202ec\\u0085d"');
  });

  it("does not look further into a value than it shows", () => {
    const looked: number[] = [];
    const wide = Object.defineProperties(
      {},
      Object.fromEntries(
        Array.from({ length: 1_000 }, (_, index) => [
          `key${index}`,
          { enumerable: true, get: () => looked.push(index) },
        ]),
      ),
    );
    quoteValue(wide);
    assert.ok(looked.length < 20, `looked at ${looked.length} properties`);
  });

  it("survives circular, bottomless and throwing values", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    assert.match(quoteValue(circle), /^\[{80}…$/);
    const thrower = Object.defineProperty({}, "a", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    });
    assert.equal(quoteValue(thrower), "an unprintable object");
  });
});
