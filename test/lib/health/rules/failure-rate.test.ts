import assert from "node:assert/strict";
import { november, tell, toldHistory } from "../told-history";
import { verdict } from "./verdict";

const rule = { rule: "failure-rate", percent: 50, attempts: 500, minutes: 10 };

describe("rule failure-rate", () => {
  it("is broken when half of 500 attempts failed, not of 499", () => {
    const history = toldHistory([
      ["18 10:00", "success", 250],
      ["18 10:05", "http5xx", 249],
    ]);
    tell(history, [["18 10:05", "success"]]);
    assert.equal(verdict(rule, history, "18 10:09").broken, false);
    tell(history, [["18 10:09", "http5xx", 2]]);
    assert.equal(verdict(rule, history, "18 10:09").broken, true);
    const few = toldHistory([["18 10:00", "http5xx", 499]]);
    assert.deepEqual([verdict(rule, few, "18 10:09").broken, verdict(rule, few, "18 10:09").progress], [false, 0.998]);
  });

  it("takes the smaller share for its progress", () => {
    const history = toldHistory([
      ["18 10:00", "success", 900],
      ["18 10:05", "http5xx", 100],
    ]);
    const { progress, since, explanation } = verdict(rule, history, "18 10:09");
    assert.equal(progress, 0.2);
    assert.equal(since, november("18 10:05"));
    assert.equal(explanation, "100 of 1,000 attempts within 10 minutes failed, 10 % (limit 50 % of at least 500)");
  });

  it("moves its window by whole minutes: that of now and the nine before", () => {
    const history = toldHistory([["18 10:00:59.999", "http5xx", 500]]);
    assert.equal(verdict(rule, history, "18 10:09:59.999").broken, true);
    assert.equal(verdict(rule, history, "18 10:10").progress, 0);
    assert.equal(verdict(rule, history, "18 10:10").explanation, "no failure within 10 minutes");
  });

  it("does not look ahead when the clock is set back", () => {
    const history = toldHistory([["18 10:05", "http5xx", 500]]);
    assert.equal(verdict(rule, history, "18 10:04").progress, 0);
  });

  it("looks at no older generation", () => {
    assert.equal(verdict(rule, toldHistory([["18", "http5xx", 500]]), "18", { generation: 2 }).progress, 0);
  });

  it("can look at a whole hour", () => {
    const history = toldHistory([["18 10:00", "http5xx", 500]]);
    const hour = { ...rule, percent: 95, minutes: 60 };
    assert.equal(verdict(hour, history, "18 10:59:59.999").broken, true);
    assert.equal(verdict(hour, history, "18 11:00").progress, 0);
  });
});
