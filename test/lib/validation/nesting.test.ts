import assert from "node:assert/strict";
import { tooDeepProperty } from "../../../nodes/lib/validation/nesting";

function nested(levels: number, inner: unknown = 1): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { value } : [value];
  return value;
}

describe("tooDeepProperty", () => {
  it("names the first property that has more levels than it may", () => {
    assert.equal(tooDeepProperty({ flat: 1, right: nested(3) }, 3), null);
    assert.equal(tooDeepProperty({ right: nested(3), wrong: nested(4), worse: nested(9) }, 3), "wrong");
    assert.equal(tooDeepProperty({ wrong: [1, "a", null, nested(3)] }, 3), "wrong");
  });

  it("says so of what is nested a hundred thousand times", () => {
    assert.equal(tooDeepProperty({ wrong: nested(100_000) }, 1_000), "wrong");
  });

  it("looks once at what contains itself, and at no bytes", () => {
    const circular: Record<string, unknown> = { bytes: Buffer.alloc(8) };
    circular.self = [circular, circular];
    assert.equal(tooDeepProperty({ circular }, 2), null);
  });

  it("passes over what does not let itself be read", () => {
    const unreadable = {
      get value() {
        throw new Error("no");
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    assert.equal(tooDeepProperty({ unreadable, proxy }, 1), null);
  });
});
