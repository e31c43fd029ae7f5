import { type InvalidField, InvalidFieldsError, quoteValue } from "../../validation/invalid-fields-error";
import { isPlainObject, ownProperty } from "../../validation/plain-object";
import { consecutive } from "./consecutive";
import { failingDays } from "./failing-days";
import { failingFor } from "./failing-for";
import { failureRate } from "./failure-rate";
import { fatal } from "./fatal";
import type { HealthRule } from "./health-rule";
import { RuleFields } from "./rule-fields";
import { timeoutsPerDay } from "./timeouts-per-day";

const PARSERS = new Map<unknown, (fields: RuleFields) => HealthRule>([
  ["fatal", fatal.parse],
  ["failing-days", failingDays.parse],
  ["failing-for", failingFor.parse],
  ["timeouts-per-day", timeoutsPerDay.parse],
  ["consecutive", consecutive.parse],
  ["failure-rate", failureRate.parse],
]);

const MOST_RULES = 20;

/**
 * Reads a list of rules: an array of objects, or JSON text of one. Settings that a rule does not name get the design's
 * values; an empty list never breaks anything.
 *
 * @param where path of the list in error messages, e.g. `rules`
 * @throws InvalidFieldsError naming every wrong field, its value and what was expected
 */
export function parseRules(value: unknown, where: string): HealthRule[] {
  const list = typeof value === "string" ? fromJson(value) : value;
  if (!Array.isArray(list) || list.length > MOST_RULES) {
    const expected = `a list of at most ${MOST_RULES} rules, or JSON text of one`;
    throw new InvalidFieldsError("health rules", [{ field: where, value: quoteValue(value), expected }]);
  }
  const problems: InvalidField[] = [];
  const rules: HealthRule[] = [];
  list.forEach((source: unknown, index) => {
    const rule = parseRule(source, `${where}[${index}]`, problems);
    if (rule !== null) rules.push(rule);
  });
  if (problems.length > 0) throw new InvalidFieldsError("health rules", problems);
  return rules;
}

function parseRule(source: unknown, where: string, problems: InvalidField[]): HealthRule | null {
  if (!isPlainObject(source)) {
    problems.push({ field: where, value: quoteValue(source), expected: 'an object such as {"rule":"fatal","days":7}' });
    return null;
  }
  const fields = new RuleFields(source, where, problems);
  const parse = PARSERS.get(ownProperty(source, "rule"));
  if (parse === undefined) {
    fields.refuse("rule", `one of ${[...PARSERS.keys()].join(", ")}`);
    return null;
  }
  const rule = parse(fields);
  fields.refuseRest();
  return rule;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
