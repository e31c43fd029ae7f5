import assert from "node:assert/strict";
import { fillIn } from "../../nodes/host/environment";

const variables: Record<string, unknown> = { HOST: "example.com", PORT: 8080, EMPTY: "" };
const lookup = (name: string) => variables[name];

/** A reference as a flow author writes it. */
const ref = (name: string) => `\${${name}}`;

describe("variables in a text", () => {
  it("are put in wherever they stand", () => {
    assert.equal(fillIn(`http://${ref("HOST")}:${ref("PORT")}/${ref("EMPTY")}x`, lookup), "http://example.com:8080/x");
  });

  it("are left as they stand where they are not set, so that a validator can name them", () => {
    assert.equal(fillIn(`http://${ref("HOST")}/${ref("MISSING")}`, lookup), `http://example.com/${ref("MISSING")}`);
  });

  it("are not looked for in what was put in", () => {
    assert.equal(
      fillIn(ref("OUTER"), () => ref("INNER")),
      ref("INNER"),
    );
  });
});
