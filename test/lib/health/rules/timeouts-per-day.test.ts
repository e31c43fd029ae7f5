import assert from "node:assert/strict";
import { november, tell, toldHistory } from "../told-history";
import { verdict } from "./verdict";

const rule = { rule: "timeouts-per-day", count: 1_000, percent: 50 };
const sentry = { counting: "sentry" } as const;

describe("rule timeouts-per-day", () => {
  it("is broken by 1,000 time-outs of a day, not by 999", () => {
    const history = toldHistory([["18 00:00", "noAnswer", 999]]);
    const before = verdict(rule, history, "18 12:00");
    assert.deepEqual([before.broken, before.progress], [false, 0.999]);
    tell(history, [["18 23:59:59.999", "noAnswer"]]);
    const after = verdict(rule, history, "18 23:59:59.999");
    assert.deepEqual([after.broken, after.progress, after.since], [true, 1, november("18")]);
    assert.equal(
      after.explanation,
      "1,000 time-outs on 18 November (limit 1,000), 100 % of 1,000 attempts (limit 50 %)",
    );
  });

  it("counts a UTC day, from midnight to midnight", () => {
    const history = toldHistory([
      ["18 23:59:59.999", "noAnswer", 999],
      ["19 00:00:00.000", "noAnswer", 1],
    ]);
    assert.equal(verdict(rule, history, "19").progress, 0.001);
  });

  it("needs so large a share of the day's attempts, exactly half being enough", () => {
    const history = toldHistory([
      ["18", "noAnswer", 1_000],
      ["18", "success", 600],
      ["18", "http5xx", 400],
    ]);
    assert.equal(verdict(rule, history, "18 12:00").broken, true);
    tell(history, [["18 12:00", "success"]]);
    const { broken, progress, explanation } = verdict(rule, history, "18 12:00");
    assert.equal(broken, false);
    assert.equal(progress, 100_000 / (50 * 2_001));
    assert.equal(explanation, "1,000 time-outs on 18 November (limit 1,000), 49 % of 2,001 attempts (limit 50 %)");
  });

  it("leaves an integration alone that times out a thousand times in many more", () => {
    const history = toldHistory([["18", "noAnswer", 1_000]]);
    const day = history.days[0];
    assert.ok(day);
    day.success = 999_000;
    assert.equal(verdict(rule, history, "18 12:00").progress, 0.002);
    assert.equal(verdict(rule, history, "18 12:00", sentry).broken, true);
  });

  it("counts no answers of any kind", () => {
    const history = toldHistory([
      ["18", "http5xx", 2_000],
      ["18", "http429", 2_000],
      ["18", "http4xx", 2_000],
    ]);
    assert.equal(verdict(rule, history, "18 12:00").progress, 0);
    assert.equal(verdict(rule, history, "18 12:00").explanation, "no time-outs today");
  });

  it("does not look at older generations", () => {
    const history = toldHistory([["18", "noAnswer", 999]]);
    tell(history, [["18 12:00", "noAnswer"]], 2);
    assert.equal(verdict(rule, history, "18 12:00").progress, 0.001);
  });

  it("has no share under Sentry's preset", () => {
    const history = toldHistory([
      ["18", "noAnswer", 999],
      ["18", "success", 5_000],
    ]);
    assert.equal(verdict(rule, history, "18 12:00", sentry).progress, 0.999);
    tell(history, [["18 12:00", "noAnswer"]]);
    const { broken, explanation } = verdict(rule, history, "18 12:00", sentry);
    assert.equal(broken, true);
    assert.equal(explanation, "1,000 time-outs on 18 November (limit 1,000)");
  });
});
