import assert from "node:assert/strict";
import { pooledRandomBytes } from "../../../nodes/lib/wire/pooled-random-bytes";

describe("pooled random bytes", () => {
  it("are as many as asked for, and never the same again", () => {
    const seen = new Set(Array.from({ length: 2_000 }, () => pooledRandomBytes(16).toString("hex")));
    assert.equal(seen.size, 2_000);
    for (const bytes of seen) assert.equal(bytes.length, 32);
  });

  it("stay what they are when more are asked for", () => {
    const first = pooledRandomBytes(16);
    const before = first.toString("hex");
    for (let count = 0; count < 1_000; count++) pooledRandomBytes(16);
    assert.equal(first.toString("hex"), before);
  });

  it("fill a whole pool", () => {
    const bytes = pooledRandomBytes(4_096);
    assert.equal(bytes.length, 4_096);
    assert.ok(new Set(bytes).size > 200);
  });
});
