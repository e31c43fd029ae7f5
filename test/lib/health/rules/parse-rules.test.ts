// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Node-RED refers to environment variables
import assert from "node:assert/strict";
import {
  DEFAULT_RULES,
  evaluateRules,
  type HealthRule,
  parseRules,
  type RuleVerdict,
  SENTRY_RULES,
  worst,
} from "../../../../nodes/lib/health/rules";
import { InvalidFieldsError } from "../../../../nodes/lib/validation/invalid-fields-error";
import { november, toldHistory } from "../told-history";

const ALL: HealthRule[] = [
  { rule: "fatal", days: 7 },
  { rule: "failing-days", days: 7 },
  { rule: "failing-for", hours: 120, attempts: 4, span: 24, apart: 12 },
  { rule: "timeouts-per-day", count: 1_000, percent: 50 },
  { rule: "consecutive", count: 40 },
  { rule: "failure-rate", percent: 50, attempts: 500, minutes: 10 },
];

/** What is said of a wrong list, field by field. */
function problems(value: unknown): string[] {
  try {
    parseRules(value, "rules");
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError);
    return error.fields.map(({ field, value: found, expected }) => `${field} is ${found}, expected ${expected}`);
  }
  return [];
}

describe("reading rules", () => {
  it("takes a list, or JSON text of one", () => {
    assert.deepEqual(parseRules(ALL, "rules"), ALL);
    assert.deepEqual(parseRules(JSON.stringify(ALL), "rules"), ALL);
  });

  it("fills in what a rule does not name with the design's values", () => {
    assert.deepEqual(
      parseRules(
        ALL.map(({ rule }) => ({ rule })),
        "rules",
      ),
      ALL,
    );
    assert.deepEqual(parseRules([{ rule: "failing-for", span: 48 }], "rules"), [
      { rule: "failing-for", hours: 120, attempts: 4, span: 48, apart: 24 },
    ]);
  });

  it("takes numbers as text, as environment variables give them, and names one that is not set", () => {
    assert.deepEqual(parseRules([{ rule: "fatal", days: "3" }], "rules"), [{ rule: "fatal", days: 3 }]);
    assert.throws(
      () => parseRules([{ rule: "fatal", days: "${DAYS}" }], "rules"),
      /rules\[0\]\.days .*DAYS is not set/,
    );
    assert.throws(() => parseRules([{ rule: "fatal", days: "many" }], "rules"), /rules\[0\]\.days is "many"/);
  });

  it("takes a list without rules, which never breaks", () => {
    assert.deepEqual(parseRules([], "rules"), []);
  });

  it("reads its own presets as they are", () => {
    assert.deepEqual(parseRules(DEFAULT_RULES, "rules"), DEFAULT_RULES);
    assert.deepEqual(parseRules(SENTRY_RULES, "rules"), SENTRY_RULES);
    assert.deepEqual(DEFAULT_RULES, ALL.slice(0, 3));
  });

  it("names field, value and expectation of all that is wrong at once", () => {
    assert.deepEqual(
      problems([
        { rule: "fatal", days: 0 },
        { rule: "failing-days", days: "a week" },
        { rule: "failing-for", hours: 1.5, attempts: 11, span: 25, apart: 3 },
        { rule: "timeouts-per-day", count: -1, percent: 101 },
        { rule: "consecutive", limit: 3 },
        { rule: "failure-rate", minutes: 61, percent: 0 },
        { rule: "unlucky" },
        {},
        null,
      ]),
      [
        "rules[0].days is 0, expected a whole number from 1 to 30",
        'rules[1].days is "a week", expected a whole number from 1 to 30',
        "rules[2].hours is 1.5, expected a whole number from 1 to 720",
        "rules[2].attempts is 11, expected a whole number from 2 to 10",
        "rules[2].span is 25, expected one of 2, 6, 12, 24, 48",
        "rules[2].apart is 3, expected 12",
        "rules[3].count is -1, expected a whole number from 1 to 1000000",
        "rules[3].percent is 101, expected a whole number from 0 to 100",
        "rules[4].limit is 3, expected no such field, only rule, count",
        "rules[5].percent is 0, expected a whole number from 1 to 100",
        "rules[5].minutes is 61, expected a whole number from 1 to 60",
        'rules[6].rule is "unlucky", expected one of fatal, failing-days, failing-for, timeouts-per-day, consecutive, failure-rate',
        "rules[7].rule is nothing, expected one of fatal, failing-days, failing-for, timeouts-per-day, consecutive, failure-rate",
        'rules[8] is null, expected an object such as {"rule":"fatal","days":7}',
      ],
    );
  });

  it("refuses what is no list", () => {
    for (const value of [undefined, null, "", "[", '{"rule":"fatal"}', { rule: "fatal" }, 7, Array(21).fill(ALL[0])]) {
      assert.match(problems(value)[0] ?? "", /^rules is .*, expected a list of at most 20 rules, or JSON text of one$/);
    }
  });

  it("reads own fields only", () => {
    assert.match(problems([Object.create({ rule: "fatal" })])[0] ?? "", /^rules\[0\]\.rule is nothing/);
    assert.deepEqual(problems('[{"rule":"fatal","__proto__":{"days":3}}]').length, 1);
  });
});

describe("evaluating rules", () => {
  const verdict = (rule: string, progress: number): RuleVerdict => ({
    rule,
    broken: progress === 1,
    progress,
    since: null,
    explanation: "",
    predictedAt: null,
  });

  it("says what each rule says, in their order", () => {
    const order = [...ALL].reverse();
    const verdicts = evaluateRules(order, "all", toldHistory([["18", "http5xx"]]), 1, november("18"));
    assert.deepEqual(
      verdicts.map(({ rule }) => rule),
      order.map(({ rule }) => rule),
    );
  });

  it("looks at Sentry's rules only when counting as Sentry did", () => {
    const verdicts = evaluateRules(ALL, "sentry", toldHistory([["18", "http5xx", 900]]), 1, november("18"));
    assert.deepEqual(
      verdicts.map(({ rule, progress }) => [rule, progress]),
      [
        ["fatal", 0],
        ["failing-days", 0],
        ["timeouts-per-day", 0],
      ],
    );
  });

  it("shows the broken one, else the nearest, the first of equals, none without progress", () => {
    assert.equal(worst([verdict("a", 0.4), verdict("b", 1), verdict("c", 1)])?.rule, "b");
    assert.equal(worst([verdict("a", 0.4), verdict("b", 0.6), verdict("c", 0.6)])?.rule, "b");
    assert.equal(worst([verdict("a", 0)]), null);
    assert.equal(worst([]), null);
  });
});
