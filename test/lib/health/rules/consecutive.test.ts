import assert from "node:assert/strict";
import { ATTEMPT_CLASSES } from "../../../../nodes/lib/delivery/attempt";
import { november, type Step, tell, toldHistory } from "../told-history";
import { verdict } from "./verdict";

const rule = { rule: "consecutive", count: 40 };

describe("rule consecutive", () => {
  it("is broken by the 40th failed attempt in a row", () => {
    const history = toldHistory([["18 10:00", "http5xx", 39, "http-500"]]);
    const before = verdict(rule, history, "18 12:00");
    assert.deepEqual([before.broken, before.progress], [false, 39 / 40]);
    tell(history, [["18 11:00", "noAnswer", 1, "refused"]]);
    assert.deepEqual(verdict(rule, history, "18 12:00"), {
      rule: "consecutive",
      broken: true,
      progress: 1,
      since: november("18 10:00"),
      explanation: "no success since 18 November, 10:00 UTC, 40 failed attempts in a row (limit 40), most often 500",
      predictedAt: null,
    });
  });

  it("counts every class but success", () => {
    const steps = ATTEMPT_CLASSES.filter((known) => known !== "success").map((known): Step => ["18", known]);
    assert.equal(verdict(rule, toldHistory(steps), "18").progress, 6 / 40);
  });

  it("starts anew after a success", () => {
    const history = toldHistory([
      ["18", "http5xx", 39],
      ["18", "success"],
      ["18", "http5xx", 2],
    ]);
    assert.equal(verdict(rule, history, "18").progress, 2 / 40);
  });

  it("names the year when it is another one, and the commonest kind of no answer", () => {
    const history = toldHistory([["18 10:00", "noAnswer", 1, "dns"]]);
    assert.equal(
      verdict(rule, history, Date.parse("2027-01-01T00:00:00Z")).explanation,
      "no success since 18 November 2026, 1 failed attempt in a row (limit 40), most often a host name that does not resolve",
    );
  });

  it("looks at no older generation", () => {
    assert.equal(verdict(rule, toldHistory([["18", "http5xx", 50]]), "18", { generation: 2 }).progress, 0);
  });
});
