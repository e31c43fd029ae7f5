/**
 * Lists what node-red-dev found.
 *
 *     node .ci/scorecard.mjs <scorecard.json>
 */
import { readFileSync } from "node:fs";
import { check, finish, skip } from "./checks.mjs";

/** What each test of node-red-dev asks. P02 is switched off in node-red-dev itself. */
const tests = {
  P01: "has a licence",
  P03: "has a repository or an address for bugs",
  P04: "is named as the library wants it",
  P05: "has the keyword node-red",
  P06: "works with a supported Node-RED",
  P07: "works with the oldest Node.js of the latest Node-RED",
  P08: "has a name of its own",
  N01: "has node types of its own",
  N02: "has an example of each node",
  D01: "has at most six dependencies",
  D02: "depends on nothing known to break Node-RED",
  D03: "allows the latest version of each dependency",
};

/** Why a test's answer says nothing here. */
const untestable = new Map([
  ["P03", "the package has no public home yet"],
  ["P08", "needs Node-RED's catalogue"],
  ["N01", "needs Node-RED's catalogue"],
]);

const file = process.argv[2];
if (file === undefined) throw new Error("expected: <scorecard.json>");
const scorecard = JSON.parse(readFileSync(file, "utf8"));

for (const [id, question] of Object.entries(tests)) {
  const result = scorecard[id];
  const found = JSON.stringify(result ?? "no answer");
  const reason = untestable.get(id);
  if (reason === undefined) check(`${id} ${question}`, result?.test === true, found);
  else skip(`${id} ${question}`, `${reason} (node-red-dev says ${found})`);
}
finish();
