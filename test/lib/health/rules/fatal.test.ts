import assert from "node:assert/strict";
import { november, toldHistory } from "../told-history";
import { verdict } from "./verdict";

const rule = { rule: "fatal", days: 7 };
const gone = toldHistory([["18 10:00", "fatal", 1, "http-410"]]);

describe("rule fatal", () => {
  it("is broken by one fatal outcome", () => {
    assert.deepEqual(verdict(rule, gone, "18 10:00"), {
      rule: "fatal",
      broken: true,
      progress: 1,
      since: november("18 10:00"),
      explanation: "the receiver asked to be disabled on 18 November (410 Gone)",
      predictedAt: null,
    });
  });

  it("looks back 7 × 24 hours: 6 days ago counts, 7 days ago does not", () => {
    assert.equal(verdict(rule, gone, "24 10:00").broken, true);
    assert.equal(verdict(rule, gone, "25 09:59:59.999").broken, true);
    assert.equal(verdict(rule, gone, "25 10:00").broken, false);
    assert.equal(verdict(rule, gone, "25 10:00").progress, 0);
  });

  it("is not taken back by a success", () => {
    const history = toldHistory([
      ["18 10:00", "fatal", 1, "http-200"],
      ["18 11:00", "success", 100],
    ]);
    const { broken, explanation } = verdict(rule, history, "18 12:00");
    assert.equal(broken, true);
    assert.equal(explanation, "the receiver asked to be disabled on 18 November (header webhook-delivery: disable)");
  });

  it("stays broken when the clock is set back", () => {
    assert.equal(verdict(rule, gone, "02").broken, true);
  });

  it("looks at no older generation", () => {
    assert.equal(verdict(rule, gone, "18 10:00", { generation: 2 }).broken, false);
  });

  it("counts under Sentry's preset", () => {
    assert.equal(verdict(rule, gone, "18 10:00", { counting: "sentry" }).broken, true);
  });

  it("says in words that nothing happened", () => {
    assert.equal(
      verdict(rule, toldHistory([]), "18").explanation,
      "the receiver has not asked to be disabled in the last 7 days",
    );
  });
});
