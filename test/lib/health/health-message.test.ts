import assert from "node:assert/strict";
import { changeOf, healthOf, verdictOf } from "../../../nodes/lib/health/health-message";
import type { Cause } from "../../../nodes/lib/health/integration-ledger";
import { freshState } from "../../../nodes/lib/health/integration-state";
import { november, tell } from "./told-history";

describe("msg.health", () => {
  it("has status and days, verdict and change still open", () => {
    const state = freshState("i", november("01"));
    tell(state.history, [["18", "noAnswer", 2]]);
    assert.deepEqual(healthOf(state, november("18")), {
      status: "active",
      days: [{ date: "2026-11-18", success: 0, error: 0, timeout: 2, fatal: 0 }],
      verdict: null,
      change: null,
    });
  });

  it("says a verdict with an ISO time", () => {
    const verdict = { rule: "consecutive", broken: false, progress: 0.5, explanation: "so", predictedAt: null };
    assert.deepEqual(verdictOf({ ...verdict, since: november("18") }), {
      rule: "consecutive",
      progress: 0.5,
      since: "2026-11-18T00:00:00.000Z",
      explanation: "so",
    });
    assert.equal(verdictOf({ ...verdict, since: null }).since, null);
  });

  it("says what caused a change, and who", () => {
    const causes: [Cause, string, string | null][] = [
      [{ cause: "rule", rule: "failing-days" }, "rule", "failing-days"],
      [{ cause: "person", by: "Ann" }, "person", "Ann"],
      [{ cause: "receiver", signal: "header" }, "receiver", "header"],
      [{ cause: "recovered" }, "recovered", null],
    ];
    for (const [cause, word, by] of causes) {
      const change = changeOf({
        from: "at-risk",
        to: "disabled",
        cause,
        at: november("18"),
        episode: "e",
        dryRun: false,
        suspended: true,
        rule: null,
        explanation: "",
        node: null,
      });
      assert.deepEqual(change, {
        from: "at-risk",
        to: "disabled",
        cause: word,
        by,
        at: "2026-11-18T00:00:00.000Z",
        episode: "e",
        dryRun: false,
        suspended: true,
      });
    }
  });
});
