import { DEFAULT_RULES, type HealthRule, parseRules } from "../lib/health/rules";
import { HOUR_MS, MINUTE_MS } from "../lib/time/utc-day";
import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";
import { choiceSetting, numberSetting } from "../lib/validation/setting";
import type { HealthSettings } from "./health-check";

const PATH = "integration-health-check";

const PROPERTIES = plainObject({
  counting: choiceSetting(["all", "sentry"], "all"),
  warnAt: numberSetting({ least: 0.01, most: 1, whole: false, unit: "of a rule's progress" }, 0.5),
  minWarning: numberSetting({ least: 0, most: 8_760, whole: false, unit: "hours" }, 24),
  mode: choiceSetting(["disable", "dry-run"], "disable"),
  probe: numberSetting({ least: 0, most: 100, whole: true, unit: "good answers in a row" }, 0),
  probeEvery: numberSetting({ least: 0.01, most: 10_080, whole: false, unit: "minutes" }, 60),
});

export interface HealthNodeSettings extends HealthSettings {
  /** Good answers to test events in a row that enable what was disabled; 0: only a person enables. */
  probe: number;
  probeEveryMs: number;
}

/**
 * Reads the properties of an `integration-health-check` node.
 *
 * @throws InvalidFieldsError with the wrong fields
 */
export function readHealthSettings(properties: Readonly<Record<string, unknown>>): HealthNodeSettings {
  const { counting, warnAt, minWarning, mode, probe, probeEvery } = check(PROPERTIES, properties, {
    subject: "health check",
    path: PATH,
  });
  return {
    rules: readRules(properties.rules),
    counting,
    warnAt,
    // Sentry's own flow disables without a warning.
    minWarningMs: counting === "sentry" ? 0 : minWarning * HOUR_MS,
    mode,
    // A dry run disables nothing, and sends nothing to what was disabled before it became one.
    probe: mode === "dry-run" ? 0 : probe,
    probeEveryMs: probeEvery * MINUTE_MS,
  };
}

function readRules(value: unknown): readonly HealthRule[] {
  return value === undefined || value === null || value === "" ? DEFAULT_RULES : parseRules(value, `${PATH}.rules`);
}
