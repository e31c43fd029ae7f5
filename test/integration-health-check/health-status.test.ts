import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Counted, standingStatus } from "../../nodes/integration-health-check/health-status";
import type { HealthStatus } from "../../nodes/lib/health/integration-ledger";

const { standing }: { standing: Record<string, string> } = JSON.parse(
  readFileSync(
    join(__dirname, "../../nodes/integration-health-check/locales/en-US/integration-health-check.json"),
    "utf8",
  ),
)["integration-health-check"];

/** As i18next does it, in English. */
function words(key: string, values: Record<string, string | number> = {}): string {
  const plural = "count" in values && values.count !== 1 ? standing[`${key}_plural`] : undefined;
  const found = plural ?? standing[key];
  assert.ok(found, key);
  return found.replace(/__(\w+)__/g, (_all, name: string) => String(values[name]));
}

function some(count: number, status: HealthStatus, suspendedFor: string[] = []): Counted[] {
  const one = { name: "Shop bot", standing: { status, suspendedFor: new Set(suspendedFor) } };
  return Array.from({ length: count }, () => one);
}

const CASES: [string, Counted[], number | null, string, string][] = [
  ["all are active", some(12, "active"), 12, "all 12 active", "green"],
  ["the only one is active", some(1, "active"), 1, "1 integration, active", "green"],
  ["there is none", [], 0, "no integration at risk or disabled", "green"],
  ["nobody knows how many there are", [], null, "no integration at risk or disabled", "green"],
  ["one is at risk", [...some(1, "at-risk"), ...some(11, "active")], 12, "Shop bot at risk · 1 of 12", "yellow"],
  ["one is disabled", [...some(11, "active"), ...some(1, "disabled")], 12, "Shop bot disabled · 1 of 12", "red"],
  ["the only one is disabled", some(1, "disabled"), 1, "Shop bot disabled", "red"],
  ["two are at risk", some(2, "at-risk"), 12, "2 at risk of 12", "yellow"],
  [
    "some are at risk and some disabled",
    [...some(2, "disabled"), ...some(1, "at-risk")],
    12,
    "1 at risk · 2 disabled of 12",
    "red",
  ],
  ["messages bring integrations with them", some(3, "disabled"), null, "3 disabled", "red"],
  [
    "disabling is held back",
    [...some(9, "at-risk"), ...some(1, "at-risk", ["failing-days"])],
    12,
    "10 at risk · fault on our side?",
    "yellow",
  ],
];

describe("the status of integration-health-check", () => {
  for (const [what, counted, total, text, fill] of CASES) {
    it(`says when ${what}`, () => {
      const status = standingStatus(counted, total, "disable", words);
      assert.deepEqual([status.text, status.fill], [text, fill]);
      const dryRun = standingStatus(counted, total, "dry-run", words);
      assert.deepEqual([dryRun.text, dryRun.fill], [`dry run: ${text}`, fill === "red" ? "yellow" : fill]);
    });
  }
});
