import { type InvalidField, quoteValue } from "../../validation/invalid-fields-error";
import { ownProperty, type PlainObject } from "../../validation/plain-object";
import { readNumber, unresolvedReference } from "../../validation/setting";

/** Reads a rule's settings from an object, notes what is wrong with them, and which of them no one asked for. */
export class RuleFields {
  private readonly known = new Set(["rule"]);

  /**
   * @param source the rule as it was entered
   * @param where its path, e.g. `rules[0]`
   * @param problems gets what is wrong
   */
  constructor(
    private readonly source: PlainObject,
    readonly where: string,
    private readonly problems: InvalidField[],
  ) {}

  /** A whole number between `from` and `to`, both included, or its text; `standard` if absent. */
  integer(name: string, from: number, to: number, standard: number): number {
    const value = readNumber(this.value(name, standard));
    if (value !== undefined && Number.isInteger(value) && value >= from && value <= to) return value;
    this.refuse(name, `a whole number from ${from} to ${to}`);
    return standard;
  }

  /** One of `choices`; `standard` if absent. */
  choice(name: string, choices: readonly number[], standard: number): number {
    const value = readNumber(this.value(name, standard));
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    this.refuse(name, choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`);
    return standard;
  }

  /** Notes what is wrong with a field. */
  refuse(name: string, expected: string): void {
    const value = ownProperty(this.source, name);
    const unresolved = unresolvedReference(value, "whole");
    this.problems.push({ field: `${this.where}.${name}`, value: quoteValue(value), expected: unresolved ?? expected });
  }

  /** Refuses the fields that nothing asked for. */
  refuseRest(): void {
    for (const name of Object.keys(this.source)) {
      if (this.known.has(name)) continue;
      this.refuse(name, `no such field, only ${[...this.known].join(", ")}`);
    }
  }

  private value(name: string, standard: number): unknown {
    this.known.add(name);
    return ownProperty(this.source, name) ?? standard;
  }
}
