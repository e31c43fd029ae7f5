import assert from "node:assert/strict";
import { excerpt } from "../../../nodes/lib/wire/excerpt";

const characters = (text: string) => Array.from(text).length;

describe("an excerpt", () => {
  it("is the text itself up to 1,024 characters", () => {
    assert.equal(excerpt(""), "");
    assert.equal(excerpt("x".repeat(1024)), "x".repeat(1024));
    assert.equal(excerpt("😀".repeat(1024)), "😀".repeat(1024));
  });

  it("is the first 1,024 characters of a longer one", () => {
    assert.equal(excerpt("x".repeat(1025)), "x".repeat(1024));
    assert.equal(excerpt("你".repeat(5_000)), "你".repeat(1024));
    assert.equal(excerpt("😀".repeat(5_000)), "😀".repeat(1024));
    assert.equal(excerpt(`x${"😀".repeat(5_000)}`, 3), "x😀😀");
  });

  it("keeps what is seen as one character whole, or leaves it out", () => {
    assert.equal(excerpt("ae\u0301b", 2), "a");
    assert.equal(excerpt("ae\u0301b", 3), "ae\u0301");
    assert.equal(excerpt("a👩‍👩‍👧b", 3), "a");
    assert.equal(excerpt("a👩‍👩‍👧b", 6), "a👩‍👩‍👧");
    assert.equal(excerpt("🇩🇪🇫🇷", 3), "🇩🇪");
    assert.equal(excerpt("ab\r\ncd", 3), "ab");
  });

  it("cuts a letter that carries more marks than any writing has", () => {
    assert.equal(characters(excerpt(`a${"\u0301".repeat(50_000)}`)), 1024);
  });

  it("leaves lone surrogates where they are", () => {
    assert.equal(excerpt("\ud83d".repeat(2000)), "\ud83d".repeat(1024));
  });
});
