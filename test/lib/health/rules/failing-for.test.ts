import assert from "node:assert/strict";
import { HOUR_MS } from "../../../../nodes/lib/time/utc-day";
import { november, tell, toldHistory } from "../told-history";
import { verdict } from "./verdict";

const rule = { rule: "failing-for", hours: 120, attempts: 4, span: 24, apart: 12 };
const start = november("12 12:00");
const running = () =>
  toldHistory([
    ["12 00:00", "http5xx", 3, "http-500"],
    ["12 12:00", "noAnswer", 1, "timeout"],
  ]);

describe("rule failing-for", () => {
  it("makes no progress before its clock runs, however many failures there are", () => {
    const history = toldHistory([["12 00:00", "http5xx", 5_000, "http-500"]]);
    tell(history, [["12 11:59:59.999", "http5xx"]]);
    const { progress, since, predictedAt, explanation } = verdict(rule, history, "12 11:59:59.999");
    assert.deepEqual([progress, since, predictedAt], [0, null, november("12 11:59:59.999") + 120 * HOUR_MS]);
    assert.equal(
      explanation,
      "no success since 12 November, 00:00 UTC, 5,001 failed attempts, most often 500; not yet 4 within 24 hours and 12 hours apart",
    );
  });

  it("is broken with 120 hours on the clock, not a millisecond before", () => {
    const before = verdict(rule, running(), start + 120 * HOUR_MS - 1);
    assert.equal(before.broken, false);
    assert.ok(before.progress < 1);
    assert.equal(before.predictedAt, start + 120 * HOUR_MS);
    const after = verdict(rule, running(), start + 120 * HOUR_MS);
    assert.deepEqual([after.broken, after.progress, after.since, after.predictedAt], [true, 1, start, null]);
  });

  it("is half way after 60 hours, and says so", () => {
    const { progress, explanation } = verdict(rule, running(), start + 60 * HOUR_MS);
    assert.equal(progress, 0.5);
    assert.equal(
      explanation,
      "no success since 12 November, 4 failed attempts, most often 500; failing steadily for 60 of 120 hours",
    );
  });

  it("starts anew after a success", () => {
    const history = running();
    tell(history, [["16 12:00", "success"]]);
    assert.equal(verdict(rule, history, "20 12:00").progress, 0);
    tell(history, [["20 12:00", "http5xx", 4]]);
    assert.equal(verdict(rule, history, "20 12:00").progress, 0);
    tell(history, [["21 00:00", "http5xx"]]);
    assert.equal(verdict(rule, history, "21 06:00").progress, 6 / 120);
  });

  it("has nothing on its clock when the time is set back before its start", () => {
    assert.equal(verdict(rule, running(), "01").progress, 0);
    const history = running();
    tell(history, [["05", "http5xx"]]);
    assert.equal(verdict(rule, history, "05 12:00").progress, 0.1);
  });

  it("looks at no older generation", () => {
    assert.equal(verdict(rule, running(), "20", { generation: 2 }).explanation, "no failure since the last success");
  });

  it("can be tuned", () => {
    const history = toldHistory([
      ["12 00:00", "http5xx"],
      ["12 01:00", "http5xx"],
    ]);
    const quick = { rule: "failing-for", hours: 1, attempts: 2, span: 2, apart: 1 };
    assert.equal(verdict(quick, history, "12 01:30").progress, 0.5);
    assert.equal(verdict(quick, history, "12 02:00").broken, true);
  });
});
