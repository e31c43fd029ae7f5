import assert from "node:assert/strict";
import { Fifo } from "../../../nodes/lib/delivery/fifo";

describe("Fifo", () => {
  it("gives out what came first, also while more comes", () => {
    const fifo = new Fifo<number>();
    const out: number[] = [];
    let next = 0;
    for (let round = 0; round < 5_000; round++) {
      for (let index = 0; index <= round % 3; index++) fifo.push(next++);
      for (let index = 0; index < 1 + (round % 2); index++) {
        const item = fifo.shift();
        if (item !== undefined) out.push(item);
      }
      assert.equal(fifo.size, next - out.length);
    }
    for (let item = fifo.shift(); item !== undefined; item = fifo.shift()) out.push(item);
    assert.deepEqual(
      out,
      Array.from({ length: next }, (_, index) => index),
    );
    assert.equal(fifo.size, 0);
    assert.equal(fifo.shift(), undefined);
  });
});
