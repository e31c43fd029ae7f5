import assert from "node:assert/strict";
import type { ModelRule } from "./health-model";
import { SimulatedYear, type YearOptions } from "./simulated-year";

const isFull = process.env.SIMULATE === "full";

const DEFAULT: readonly ModelRule[] = [
  { rule: "fatal", days: 7 },
  { rule: "failing-days", days: 7 },
  { rule: "failing-for", hours: 120, attempts: 4, span: 24, apart: 12 },
];

function year(options: Partial<YearOptions> = {}): YearOptions {
  return {
    seed: 20,
    ...(isFull
      ? { integrations: 200, days: 365, restarts: 20, crashes: 40 }
      : { integrations: 30, days: 90, restarts: 3, crashes: 8 }),
    health: {},
    model: { rules: DEFAULT, counting: "all", warnAt: 0.5, minWarningHours: 24 },
    ...options,
  };
}

describe("a simulated year", function () {
  this.timeout(isFull ? 3_600_000 : 30_000);
  it("goes as the design says", async () => {
    const simulation = new SimulatedYear(year());
    await simulation.run();
    console.log(
      simulation.figures,
      simulation.deliveries.accepted,
      simulation.deliveries.delivered,
      simulation.deliveries.givenUp,
      simulation.mails.sent,
      simulation.mails.givenUp,
    );
    assert.deepEqual(simulation.problems.slice(0, 10), []);
  });
});
