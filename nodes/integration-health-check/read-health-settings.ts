import { DEFAULT_RULES, type HealthRule, parseRules } from "../lib/health/rules";
import { choiceSetting, numberSetting } from "../lib/integration/setting";
import { HOUR_MS } from "../lib/time/utc-day";
import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";
import type { HealthSettings } from "./health-check";

const PATH = "integration-health-check";

const PROPERTIES = plainObject({
  counting: choiceSetting(["all", "sentry"], "all"),
  warnAt: numberSetting({ least: 0.01, most: 1, whole: false, unit: "of a rule's progress" }, 0.5),
  minWarning: numberSetting({ least: 0, most: 8_760, whole: false, unit: "hours" }, 24),
  mode: choiceSetting(["disable", "dry-run"], "disable"),
});

/**
 * Reads the properties of an `integration-health-check` node.
 *
 * @throws InvalidFieldsError with the wrong fields
 */
export function readHealthSettings(properties: Readonly<Record<string, unknown>>): HealthSettings {
  const { counting, warnAt, minWarning, mode } = check(PROPERTIES, properties, { subject: "health check", path: PATH });
  return {
    rules: readRules(properties.rules),
    counting,
    warnAt,
    // Sentry's own flow disables without a warning.
    minWarningMs: counting === "sentry" ? 0 : minWarning * HOUR_MS,
    mode,
  };
}

function readRules(value: unknown): readonly HealthRule[] {
  return value === undefined || value === null || value === "" ? DEFAULT_RULES : parseRules(value, `${PATH}.rules`);
}
