import assert from "node:assert/strict";
import type { DayCounts } from "../../../nodes/lib/health/attempt-history";
import { freshState } from "../../../nodes/lib/health/integration-state";
import { type PreviewSettings, previewRules } from "../../../nodes/lib/health/preview-rules";
import { DEFAULT_RULES, SENTRY_RULES } from "../../../nodes/lib/health/rules";
import { DAY_MS, HOUR_MS, utcDay } from "../../../nodes/lib/time/utc-day";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const DEFAULTS: PreviewSettings = { rules: DEFAULT_RULES, counting: "all", warnAt: 0.5, minWarningMs: 24 * HOUR_MS };

/** Days up to today, the last given first ago. */
function stateWith(...days: Partial<DayCounts>[]) {
  const state = freshState("a", NOW);
  state.history.days = days
    .map((counts, ago) => ({
      ...{ date: utcDay(NOW - ago * DAY_MS), generation: 1, success: 0, http4xx: 0, http429: 0, http5xx: 0 },
      ...{ otherAnswer: 0, noAnswer: 0, fatal: 0 },
      ...counts,
    }))
    .filter((day) => day.success + day.http5xx + day.noAnswer + day.http4xx + day.fatal > 0);
  return state;
}

const failing = { http5xx: 20 };
const well = { success: 20 };

describe("a preview of rules", () => {
  it("has nothing to say of an integration without a history", () => {
    assert.deepEqual(previewRules(DEFAULTS, stateWith(), NOW), { changes: [], days: null });
  });

  it("says that nothing would have happened to one that was well", () => {
    const { changes, days } = previewRules(DEFAULTS, stateWith(well, well, well), NOW);
    assert.deepEqual(changes, []);
    assert.deepEqual(days, { first: "2026-11-21", last: "2026-11-23" });
  });

  it("tells the day on which it would have been at risk and disabled", () => {
    const { changes } = previewRules(DEFAULTS, stateWith(...Array(10).fill(failing), well), NOW);
    assert.deepEqual(
      changes.map(({ to, at, rule }) => [to, utcDay(at), rule]),
      [
        ["at-risk", "2026-11-17", "failing-days"],
        ["disabled", "2026-11-19", "failing-for"],
      ],
    );
  });

  it("tells that it would have recovered", () => {
    const { changes } = previewRules(DEFAULTS, stateWith(well, well, failing, failing, failing, failing, well), NOW);
    assert.deepEqual(
      changes.map(({ to }) => to),
      ["at-risk", "active"],
    );
  });

  it("ends with the first disabling", () => {
    const { changes } = previewRules(DEFAULTS, stateWith({ fatal: 1 }, { fatal: 1 }, well), NOW);
    assert.deepEqual(
      changes.map(({ to, at }) => [to, utcDay(at)]),
      [["disabled", "2026-11-22"]],
    );
  });

  it("counts as Sentry did if asked to: server errors do not matter, time-outs do", () => {
    const sentry: PreviewSettings = { rules: SENTRY_RULES, counting: "sentry", warnAt: 0.5, minWarningMs: 0 };
    assert.deepEqual(previewRules(sentry, stateWith(...Array(10).fill(failing)), NOW).changes, []);
    const { changes } = previewRules(sentry, stateWith({ noAnswer: 1_000, success: 5_000 }, well), NOW);
    assert.equal(changes.at(-1)?.to, "disabled");
    assert.equal(changes.at(-1)?.rule, "timeouts-per-day");
  });

  it("keeps the shares of a day with more attempts than it looks at one by one", () => {
    const rules = [{ rule: "failure-rate", percent: 60, attempts: 5, minutes: 60 }] as const;
    const { changes } = previewRules(
      { rules, counting: "all", warnAt: 1, minWarningMs: 0 },
      stateWith({ success: 500_000, http5xx: 500_000 }),
      NOW,
    );
    assert.deepEqual(changes, []);
  });
});
