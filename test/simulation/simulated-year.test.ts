import assert from "node:assert/strict";
import type { ModelRule } from "./health-model";
import { SimulatedYear, type YearOptions } from "./simulated-year";

/** `SIMULATE=full` lets a whole year pass over 200 integrations, and prints what happened. */
const IS_FULL = process.env.SIMULATE === "full";
const FULL = { integrations: 200, days: 365, restarts: 20, crashes: 40 };

const DEFAULT_RULES: readonly ModelRule[] = [
  { rule: "fatal", days: 7 },
  { rule: "failing-days", days: 7 },
  { rule: "failing-for", hours: 120, attempts: 4, span: 24, apart: 12 },
];

const SENTRY_RULES: readonly ModelRule[] = [
  { rule: "fatal", days: 7 },
  { rule: "failing-days", days: 7 },
  { rule: "timeouts-per-day", count: 1_000, percent: 0 },
];

const COUNTED_RULES: readonly ModelRule[] = [
  { rule: "consecutive", count: 40 },
  { rule: "failure-rate", percent: 50, attempts: 6, minutes: 60 },
  { rule: "timeouts-per-day", count: 12, percent: 50 },
  { rule: "fatal", days: 2 },
];

const HASTY_RULES: readonly ModelRule[] = [
  { rule: "failing-for", hours: 10, attempts: 3, span: 6, apart: 3 },
  { rule: "consecutive", count: 5 },
  { rule: "failing-days", days: 2 },
];

async function pass(options: Pick<YearOptions, "health" | "model"> & Partial<YearOptions>): Promise<SimulatedYear> {
  const reduced = { integrations: 10, days: 60, restarts: 2, crashes: 4 };
  const year = new SimulatedYear({ seed: 20, ...(IS_FULL ? FULL : reduced), ...options });
  await year.run();
  if (IS_FULL) console.table(year.figures());
  assert.deepEqual(year.problems.slice(0, 10), []);
  assert.equal(year.figure("mails repeated"), 0);
  assert.equal(year.figure("disabled without warning"), 0);
  assert.equal(year.figure("disabled by an outage of ours"), 0);
  return year;
}

function happened(year: SimulatedYear, ...what: string[]): void {
  for (const each of what) assert.notEqual(year.figure(each), 0, each);
}

describe("a simulated year goes as the design says", function () {
  this.timeout(IS_FULL ? 3_600_000 : 60_000);

  it("under the default rules", async () => {
    const year = await pass({
      ...(IS_FULL ? FULL : { integrations: 30, days: 90, restarts: 3, crashes: 8 }),
      health: {},
      model: { rules: DEFAULT_RULES, counting: "all", warnAt: 0.5, minWarningHours: 24 },
    });
    happened(year, "rule: active to at-risk", "rule: at-risk to disabled", "recovery: at-risk to active");
    happened(year, "rule: active to disabled", "person: disabled to active", "restarts", "crashes", "replayed");
    happened(year, "webhooks given up: expired", "webhooks given up: dropped", "webhooks given up: gone", "mails sent");
  });

  it("under rules that count attempts", async () => {
    const health = { rules: COUNTED_RULES, minWarning: 6, warnAt: 0.4 };
    const model = { rules: COUNTED_RULES, counting: "all", warnAt: 0.4, minWarningHours: 6 } as const;
    const year = await pass({ health, model });
    happened(year, "rule: active to at-risk", "rule: at-risk to disabled", "recovery: at-risk to active");
  });

  it("under rules that disable without a warning", async () => {
    const health = { rules: HASTY_RULES, minWarning: 0, warnAt: 1 };
    const model = { rules: HASTY_RULES, counting: "all", warnAt: 1, minWarningHours: 0 } as const;
    happened(await pass({ health, model }), "rule: active to disabled");
  });

  it("with Sentry's counting", async () => {
    const model = { rules: SENTRY_RULES, counting: "sentry", warnAt: 0.5, minWarningHours: 0 } as const;
    const year = await pass({ health: { counting: "sentry" }, model });
    happened(year, "rule: active to at-risk", "rule: active to disabled");
  });

  it("as a dry run, which says what would be and does nothing", async () => {
    const model = { rules: DEFAULT_RULES, counting: "all", warnAt: 0.5, minWarningHours: 24, dryRun: true } as const;
    const year = await pass({ health: { mode: "dry-run" }, model });
    happened(year, "rule: active to at-risk", "recovery: at-risk to active");
  });
});
