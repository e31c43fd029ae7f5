import assert from "node:assert/strict";
import type { AttemptClass } from "../../../../nodes/lib/delivery/attempt";
import { november, type Step, tell, toldHistory } from "../told-history";
import { verdict } from "./verdict";

const rule = { rule: "failing-days", days: 7 };

/** One attempt at noon of each day from the 11th on; null is a day without. */
function daily(classes: readonly (AttemptClass | null)[]) {
  const steps: Step[] = [];
  classes.forEach((attemptClass, day) => {
    if (attemptClass !== null) steps.push([`${11 + day} 12:00`, attemptClass]);
  });
  return toldHistory(steps);
}

const days = (count: number, attemptClass: AttemptClass) => Array.from({ length: count }, () => attemptClass);

describe("rule failing-days", () => {
  it("is broken on the 7th day in a row, today included, and not on the 6th", () => {
    const sixth = verdict(rule, daily(days(6, "http5xx")), "16 12:00");
    assert.deepEqual([sixth.broken, sixth.progress], [false, 6 / 7]);
    assert.equal(sixth.predictedAt, november("17"));
    const seventh = verdict(rule, daily(days(7, "http5xx")), "17 12:00");
    assert.deepEqual([seventh.broken, seventh.progress, seventh.predictedAt], [true, 1, null]);
    assert.equal(seventh.since, november("11 12:00"));
  });

  it("is broken with the first failure after midnight UTC, not with the last before", () => {
    const history = daily(days(6, "http5xx"));
    tell(history, [["16 23:59:59.999", "http5xx"]]);
    assert.equal(verdict(rule, history, "16 23:59:59.999").broken, false);
    tell(history, [["17 00:00:00.000", "http5xx"]]);
    assert.equal(verdict(rule, history, "17 00:00:00.000").broken, true);
  });

  it("counts every failing class, and 429 and 5xx as any other", () => {
    for (const failing of ["http4xx", "http429", "http5xx", "otherAnswer", "noAnswer", "fatal"] as const) {
      assert.equal(verdict(rule, daily(days(7, failing)), "17 12:00").broken, true, failing);
    }
  });

  it("starts anew after a success on day 4", () => {
    const history = daily([...days(3, "http5xx"), "success", ...days(6, "http5xx")]);
    assert.equal(verdict(rule, history, "20 12:00").progress, 6 / 7);
    tell(history, [["21 12:00", "http5xx"]]);
    assert.equal(verdict(rule, history, "21 12:00").broken, true);
  });

  it("is ended by one success among many failures of a day, also today", () => {
    const history = daily(days(7, "http5xx"));
    tell(history, [["17 13:00", "success"]]);
    assert.equal(verdict(rule, history, "17 13:00").progress, 0);
    tell(history, [["17 14:00", "http5xx", 100]]);
    assert.equal(verdict(rule, history, "17 14:00").progress, 0);
  });

  it("is ended by a day without a failure", () => {
    const history = daily([...days(6, "http5xx"), null, "http5xx"]);
    assert.equal(verdict(rule, history, "18 12:00").progress, 1 / 7);
  });

  it("keeps its run while nothing was counted today, and loses it tomorrow", () => {
    const history = daily(days(6, "http5xx"));
    assert.equal(verdict(rule, history, "17 23:59:59.999").progress, 6 / 7);
    assert.equal(verdict(rule, history, "17 23:59:59.999").predictedAt, november("17 23:59:59.999"));
    assert.equal(verdict(rule, history, "18").progress, 0);
  });

  it("does not look at days after today when the clock is set back", () => {
    const history = daily(days(7, "http5xx"));
    tell(history, [["14 12:00", "http5xx"]]);
    assert.equal(verdict(rule, history, "14 12:00").progress, 4 / 7);
  });

  it("does not look at older generations", () => {
    const history = daily(days(6, "http5xx"));
    tell(history, [["17 12:00", "http5xx"]], 3);
    assert.equal(verdict(rule, history, "17 12:00").progress, 1 / 7);
  });

  it("is not ended by a success of an older generation on the same day", () => {
    const history = toldHistory([["11 08:00", "success"]]);
    tell(history, [["11 12:00", "http5xx"]], 3);
    assert.equal(verdict({ rule: "failing-days", days: 1 }, history, "11 12:00").broken, true);
  });

  it("counts up to 30 days", () => {
    const history = daily([]);
    for (let day = 1; day <= 30; day++) tell(history, [[`${day}`.padStart(2, "0"), "noAnswer"]]);
    assert.equal(verdict({ rule: "failing-days", days: 30 }, history, "30").broken, true);
  });

  it("explains itself with its numbers", () => {
    const history = toldHistory([
      ["18 09:00", "success", 3],
      ["19 12:00", "http5xx", 1_000, "http-500"],
      ["20 12:00", "noAnswer", 213, "timeout"],
      ["20 13:00", "http4xx", 1, "http-404"],
    ]);
    assert.equal(
      verdict(rule, history, "20 14:00").explanation,
      "no success since 19 November, failures on 2 days in a row (limit 7), 1,214 failed attempts, most often 500",
    );
    const today = toldHistory([["19 12:00", "http5xx", 2, "http-500"]]);
    assert.equal(
      verdict(rule, today, "19 14:00").explanation,
      "no success since 19 November, 12:00 UTC, failures on 1 day in a row (limit 7), 2 failed attempts, most often 500",
    );
    assert.equal(verdict(rule, history, "22 14:00").explanation, "today is not a day of failures without a success");
  });
});

describe("rule failing-days as Sentry counts", () => {
  const sentry = { counting: "sentry" } as const;

  it("is broken by seven days of 4xx, and by none of 429, 5xx, other answers or time-outs", () => {
    assert.equal(verdict(rule, daily(days(7, "http4xx")), "17 12:00", sentry).broken, true);
    for (const ignored of ["http429", "http5xx", "otherAnswer", "noAnswer"] as const) {
      assert.equal(verdict(rule, daily(days(7, ignored)), "17 12:00", sentry).progress, 0, ignored);
    }
  });

  it("takes a day with time-outs only for the end of the run", () => {
    const history = daily([...days(6, "http4xx"), "noAnswer"]);
    assert.equal(verdict(rule, history, "17 12:00", sentry).progress, 0);
    tell(history, [["18 12:00", "http4xx"]]);
    assert.equal(verdict(rule, history, "18 12:00", sentry).progress, 1 / 7);
  });

  it("takes a day with 4xx and time-outs for a failing one", () => {
    const history = daily([...days(6, "http4xx"), "noAnswer"]);
    tell(history, [["17 13:00", "http4xx"]]);
    assert.equal(verdict(rule, history, "17 13:00", sentry).broken, true);
  });

  it("is ended by a success in between", () => {
    const history = daily(days(7, "http4xx"));
    tell(history, [["17 13:00", "success"]]);
    assert.equal(verdict(rule, history, "17 13:00", sentry).progress, 0);
  });

  it("names the reason among those it counts", () => {
    const history = toldHistory([
      ["18 12:00", "http4xx", 2, "http-404"],
      ["18 12:00", "http5xx", 9, "http-500"],
      ["18 12:00", "http429", 9, "http-429"],
    ]);
    assert.match(verdict(rule, history, "18 12:00", sentry).explanation, /, 2 failed attempts, most often 404$/);
  });
});
