// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Node-RED refers to environment variables
import assert from "node:assert/strict";
import * as v from "valibot";
import {
  choiceSetting,
  flagSetting,
  listSetting,
  numberSetting,
  readNumber,
  readText,
  textSetting,
  unresolvedReference,
} from "../../../nodes/lib/validation/setting";

const NOTHING = [undefined, null, ""];

/** What a schema reads, or what it says that it expected. */
function read(schema: v.GenericSchema, value: unknown): unknown {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : result.issues.map(({ message }) => message);
}

describe("a setting", () => {
  const colour = choiceSetting(["red", "blue"], "blue");
  const share = numberSetting({ least: 0, most: 9, whole: true, unit: "parts" }, 4);
  const names = listSetting({ read: readText, items: "names", item: "a name", least: 0, most: 3 }, ["ada"]);

  it("is its default where nothing was entered", () => {
    for (const nothing of NOTHING) {
      assert.equal(read(colour, nothing), "blue");
      assert.equal(read(share, nothing), 4);
      assert.equal(read(flagSetting(true), nothing), true);
      assert.deepEqual(read(names, nothing), ["ada"]);
    }
    assert.equal(read(textSetting("none"), undefined), "none");
    assert.equal(read(textSetting("none"), ""), "");
  });

  it("may be the text that an environment variable became", () => {
    assert.equal(read(colour, " red "), "red");
    assert.equal(read(share, " 7 "), 7);
    assert.equal(read(flagSetting(true), "False"), false);
    assert.deepEqual(read(names, '["bo", "cy"]'), ["bo", "cy"]);
    assert.deepEqual(read(names, "bo, cy"), ["bo", "cy"]);
  });

  it("says what was expected", () => {
    assert.deepEqual(read(colour, "green"), ['"red" or "blue"']);
    assert.deepEqual(read(share, 10), ["a whole number of parts from 0 to 9"]);
    assert.deepEqual(read(share, "1.5"), ["a whole number of parts from 0 to 9"]);
    assert.deepEqual(read(flagSetting(true), "yes"), ["true or false"]);
    assert.deepEqual(read(textSetting(""), "two\nlines"), ["a text of at most 255 printable characters"]);
    assert.deepEqual(read(names, [1, "bo", {}]), ["a name", "a name"]);
    assert.deepEqual(read(names, ["a", "b", "c", "d"]), ["a list of at most 3 names"]);
    assert.deepEqual(read(names, "[unfinished"), ["a list of at most 3 names"]);
  });

  it("says which environment variable is not set", () => {
    const notSet = "a value, but the environment variable COLOUR is not set";
    assert.deepEqual(read(colour, "${COLOUR}"), [notSet]);
    assert.deepEqual(read(names, ["bo", "${COLOUR}"]), [notSet]);
    assert.equal(unresolvedReference("is ${COLOUR}", "anywhere"), notSet);
    assert.equal(unresolvedReference("is ${COLOUR}", "whole"), null);
  });

  it("that is a list has each item once", () => {
    assert.deepEqual(read(names, ["bo", "cy", "bo"]), ["bo", "cy"]);
  });
});

describe("readNumber", () => {
  it("reads numbers and their decimal text, nothing else", () => {
    assert.deepEqual([" 5 ", "-.5", "+2.", 3].map(readNumber), [5, -0.5, 2, 3]);
    for (const other of ["", " ", "0x10", "1e3", "5px", Number.NaN, Number.POSITIVE_INFINITY, true, null]) {
      assert.equal(readNumber(other), undefined);
    }
  });
});
