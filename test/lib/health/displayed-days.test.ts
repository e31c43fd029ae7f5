import assert from "node:assert/strict";
import { displayedDays } from "../../../nodes/lib/health/displayed-days";
import { november, tell, toldHistory } from "./told-history";

describe("displayed days", () => {
  it("sum up the finer classes, newest day first", () => {
    const history = toldHistory([
      ["17", "success", 7],
      ["18", "http4xx", 1],
      ["18", "http429", 2],
      ["18", "http5xx", 3],
      ["18", "otherAnswer", 4],
      ["18", "noAnswer", 5],
      ["18", "fatal", 6],
    ]);
    assert.deepEqual(displayedDays(history, november("18 12:00")), [
      { date: "2026-11-18", success: 0, error: 10, timeout: 5, fatal: 6 },
      { date: "2026-11-17", success: 7, error: 0, timeout: 0, fatal: 0 },
    ]);
  });

  it("join the generations of a day", () => {
    const history = toldHistory([["18", "http4xx", 2]]);
    tell(history, [["18 10:00", "success"]], 3);
    assert.deepEqual(displayedDays(history, november("18 12:00")), [
      { date: "2026-11-18", success: 1, error: 2, timeout: 0, fatal: 0 },
    ]);
  });

  it("are those of the last 30, and none after today", () => {
    const history = toldHistory([
      ["01", "success"],
      ["29", "success"],
      ["30", "success"],
    ]);
    const dates = (nowMs: number) => displayedDays(history, nowMs).map(({ date }) => date);
    assert.deepEqual(dates(november("29 23:59")), ["2026-11-29", "2026-11-01"]);
    assert.deepEqual(dates(november("30 23:59")), ["2026-11-30", "2026-11-29", "2026-11-01"]);
    assert.deepEqual(dates(november("30 23:59") + 86_400_000), ["2026-11-30", "2026-11-29"]);
  });
});
