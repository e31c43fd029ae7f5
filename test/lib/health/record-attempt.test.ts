import assert from "node:assert/strict";
import { ATTEMPT_CLASSES } from "../../../nodes/lib/delivery/attempt";
import { emptyHistory, recordAttempt, startGeneration } from "../../../nodes/lib/health/record-attempt";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { november, tell, toldHistory } from "./told-history";

describe("counting an attempt", () => {
  it("counts each class under its UTC day", () => {
    for (const attemptClass of ATTEMPT_CLASSES) {
      const { days } = toldHistory([["18 12:00", attemptClass, 3]]);
      const none = { success: 0, http4xx: 0, http429: 0, http5xx: 0, otherAnswer: 0, noAnswer: 0, fatal: 0 };
      assert.deepEqual(days, [{ date: "2026-11-18", generation: 1, ...none, [attemptClass]: 3 }]);
    }
  });

  it("starts a new day at midnight UTC, not a millisecond before", () => {
    const { days } = toldHistory([
      ["18 23:59:59.999", "http5xx"],
      ["19 00:00:00.000", "http5xx"],
    ]);
    assert.deepEqual(
      days.map(({ date, http5xx }) => [date, http5xx]),
      [
        ["2026-11-19", 1],
        ["2026-11-18", 1],
      ],
    );
  });

  it("knows the run of failures, and forgets it with a success", () => {
    const history = toldHistory([
      ["18 10:00", "success"],
      ["18 11:00", "http5xx"],
      ["18 12:00", "noAnswer"],
      ["18 13:00", "http429"],
    ]);
    assert.equal(history.failuresInARow, 3);
    assert.equal(history.firstFailureAt, november("18 11:00"));
    assert.equal(history.lastSuccessAt, november("18 10:00"));
    tell(history, [["18 14:00", "success"]]);
    assert.equal(history.failuresInARow, 0);
    assert.equal(history.firstFailureAt, null);
    assert.deepEqual([history.lastFailures, history.clocks, history.reasons], [[], [], []]);
    assert.equal(history.lastSuccessAt, november("18 14:00"));
  });

  it("remembers the last fatal outcome beyond a success", () => {
    const history = toldHistory([
      ["18 10:00", "fatal", 1, "http-410"],
      ["18 11:00", "success"],
    ]);
    assert.equal(history.lastFatalAt, november("18 10:00"));
    assert.equal(history.lastFatalReason, "http-410");
  });

  it("keeps the ten reasons of a run that are seen most", () => {
    const history = emptyHistory();
    for (let status = 500; status < 560; status++) tell(history, [["18", "http5xx", 1, `http-${status}`]]);
    tell(history, [["18", "http5xx", 4, "http-503"]]);
    for (let status = 560; status < 599; status++) tell(history, [["18", "http5xx", 1, `http-${status}`]]);
    assert.equal(history.reasons.length, 10);
    assert.equal(history.reasons.find(({ reason }) => reason === "http-503")?.count, 5);
  });
});

describe("a generation", () => {
  it("starts with a clean slate and keeps the days of those before", () => {
    const history = toldHistory([["18", "fatal", 4, "http-410"]]);
    startGeneration(history, 2);
    assert.deepEqual({ ...history, days: [], newestAt: null }, { ...emptyHistory(), generation: 2 });
    assert.equal(history.days[0]?.fatal, 4);
  });

  it("does not count an attempt of an older one", () => {
    const history = toldHistory([["18", "success"]], 3);
    const before = structuredClone(history);
    tell(history, [["19", "http5xx"]], 2);
    assert.deepEqual(history, before);
  });

  it("begins by itself with the first attempt of a newer one", () => {
    const history = toldHistory([["18", "http5xx", 6]], 1);
    tell(history, [["18", "http5xx"]], 2);
    assert.equal(history.failuresInARow, 1);
    assert.deepEqual(
      history.days.map(({ generation, http5xx }) => [generation, http5xx]),
      [
        [2, 1],
        [1, 6],
      ],
    );
  });

  it("shares its day with one entry for all generations before it", () => {
    const history = emptyHistory();
    for (let generation = 1; generation <= 500; generation++) tell(history, [["18", "http4xx"]], generation);
    assert.deepEqual(
      history.days.map(({ generation, http4xx }) => [generation, http4xx]),
      [
        [500, 1],
        [499, 499],
      ],
    );
  });
});

describe("a history", () => {
  it("keeps 30 days", () => {
    const history = emptyHistory();
    const first = november("01");
    for (let day = 0; day < 100; day++) {
      recordAttempt(history, { class: "http5xx", at: first + day * DAY_MS, generation: 1 });
    }
    assert.equal(history.days.length, 30);
    assert.equal(history.days[0]?.date, "2027-02-08");
    assert.equal(history.days[29]?.date, "2027-01-10");
  });

  it("keeps the minutes of the last hour", () => {
    const history = emptyHistory();
    const first = november("18 10:00");
    for (let minute = 0; minute <= 60; minute++) {
      recordAttempt(history, { class: "noAnswer", at: first + minute * MINUTE_MS + 59_999, generation: 1 });
    }
    assert.equal(history.minutes.length, 60);
    assert.deepEqual(history.minutes[0], { minute: first + MINUTE_MS, success: 0, failure: 1, noAnswer: 1 });
  });

  it("stays within 15 kB, whatever happens", () => {
    const history = emptyHistory();
    let at = november("01");
    let generation = 1;
    for (let step = 0; step < 60_000; step++) {
      at += 48_000;
      if (step % 1_000 === 500) generation++;
      const attemptClass = step < 40_000 ? (ATTEMPT_CLASSES[step % 7] ?? "success") : "http5xx";
      recordAttempt(history, { class: attemptClass, at, generation, reason: `http-${500 + (step % 90)}` });
    }
    assert.ok(JSON.stringify(history).length < 15_000, `${JSON.stringify(history).length}`);
    assert.deepEqual(JSON.parse(JSON.stringify(history)), history);
  });
});

describe("a clock set back", () => {
  it("takes moments that lie in the future for now, and goes on", () => {
    const history = toldHistory([
      ["18 00:00", "http5xx"],
      ["18 12:00", "http5xx", 5],
      ["17 06:00", "http5xx"],
    ]);
    const now = november("17 06:00");
    assert.equal(history.failuresInARow, 7);
    assert.equal(history.newestAt, now);
    assert.equal(history.firstFailureAt, now);
    assert.ok(history.lastFailures.every((time) => time === now));
    assert.ok(history.clocks.every(({ startedAt }) => startedAt.every((time) => time === now)));
  });

  it("leaves days where they were counted", () => {
    const { days } = toldHistory([
      ["20", "success"],
      ["18", "http5xx"],
      ["20", "success"],
      ["19", "noAnswer"],
    ]);
    assert.deepEqual(
      days.map(({ date, success, http5xx, noAnswer }) => [date, success, http5xx, noAnswer]),
      [
        ["2026-11-20", 2, 0, 0],
        ["2026-11-19", 0, 0, 1],
        ["2026-11-18", 0, 1, 0],
      ],
    );
  });

  it("counts jitter across a minute in the minutes it belongs to", () => {
    const { minutes } = toldHistory([
      ["18 10:00:59.999", "success"],
      ["18 10:01:00.002", "success"],
      ["18 10:00:59.998", "http5xx"],
      ["18 10:01:00.003", "success"],
    ]);
    assert.deepEqual(minutes, [
      { minute: november("18 10:00"), success: 1, failure: 1, noAnswer: 0 },
      { minute: november("18 10:01"), success: 2, failure: 0, noAnswer: 0 },
    ]);
  });

  it("drops minutes that would come again", () => {
    const history = toldHistory([["18 10:00", "noAnswer", 9]]);
    tell(history, [["18 09:00", "success"]]);
    assert.deepEqual(history.minutes, [{ minute: november("18 09:00"), success: 1, failure: 0, noAnswer: 0 }]);
  });

  it("keeps its charts under a clock that is far ahead for one attempt", () => {
    const history = emptyHistory();
    for (let day = 1; day <= 28; day++) tell(history, [[`${day}`.padStart(2, "0"), "success"]]);
    recordAttempt(history, { class: "success", at: november("28") + 400 * DAY_MS, generation: 1 });
    recordAttempt(history, { class: "success", at: november("28") + HOUR_MS, generation: 1 });
    assert.equal(history.days.length, 29);
    assert.equal(history.days.find(({ date }) => date === "2026-11-28")?.success, 2);
  });
});
