import assert from "node:assert/strict";
import { SPANS_HOURS, SPREAD_FAILURES } from "../../../nodes/lib/health/attempt-history";
import { emptyHistory, recordAttempt } from "../../../nodes/lib/health/record-attempt";
import { clockStart } from "../../../nodes/lib/health/spread-clock";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../nodes/lib/time/utc-day";
import { seededRandom } from "./seeded-random";
import { november, tell, toldHistory } from "./told-history";

const start = (...times: string[]) => clockStart(toldHistory(times.map((time) => [time, "http5xx"] as const)), 24, 4);

describe("the clock of spread failures", () => {
  it("starts with the fourth failure within 24 hours, the first and last 12 hours apart", () => {
    assert.equal(start("18 00:00", "18 06:00", "18 08:00"), null);
    assert.equal(start("18 00:00", "18 06:00", "18 08:00", "18 11:59:59.999"), null);
    assert.equal(start("18 00:00", "18 06:00", "18 08:00", "18 12:00"), november("18 12:00"));
  });

  it("includes the 24th hour, to the millisecond", () => {
    assert.equal(start("18 00:00", "18 06:00", "18 08:00", "19 00:00"), november("19 00:00"));
    assert.equal(start("18 00:00", "18 06:00", "18 08:00", "19 00:00:00.001"), null);
  });

  it("starts with a later failure where the first ones are too old", () => {
    assert.equal(start("17 00:00", "18 06:00", "18 08:00", "18 19:00", "18 20:00"), november("18 20:00"));
  });

  it("takes more than four for four", () => {
    const burst = Array.from({ length: 30 }, () => "18 00:00");
    assert.equal(start(...burst, "18 11:00", "18 12:30", "18 13:00"), november("18 12:30"));
  });

  it("goes on from its start, and is reset by a success", () => {
    const history = toldHistory([
      ["18 00:00", "http5xx", 3],
      ["18 12:00", "noAnswer"],
      ["25 12:00", "noAnswer"],
    ]);
    assert.equal(clockStart(history, 24, 4), november("18 12:00"));
    tell(history, [["26", "success"]]);
    assert.equal(clockStart(history, 24, 4), null);
    tell(history, [["26 12:00", "http5xx", 4]]);
    assert.equal(clockStart(history, 24, 4), null);
  });

  it("starts 12 hours after the time to which the clock was set back, at the earliest", () => {
    const history = toldHistory([
      ["25", "http5xx", 3],
      ["18 00:00", "http5xx"],
      ["18 11:59:59.999", "http5xx"],
    ]);
    assert.equal(clockStart(history, 24, 4), null);
    tell(history, [["18 12:00", "http5xx"]]);
    assert.equal(clockStart(history, 24, 4), november("18 12:00"));
  });

  it("agrees with the definition on random runs, for every span and number", () => {
    const random = seededRandom(5);
    const gaps = [SECOND_MS, MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 5 * HOUR_MS, 11 * HOUR_MS, 12 * HOUR_MS, 25 * HOUR_MS];
    let started = 0;
    for (let round = 0; round < 400; round++) {
      const history = emptyHistory();
      const times: number[] = [];
      const expected = new Map<string, number>();
      let at = november("01");
      const likely = gaps.filter(() => random() < 0.4);
      for (let step = 0; step < 120; step++) {
        const gap = likely[Math.floor(random() * likely.length)] ?? HOUR_MS;
        // Whole gaps too, so that the limits themselves are met.
        at += random() < 0.3 ? gap : Math.floor(gap * 2 * random());
        times.push(at);
        recordAttempt(history, { class: "http5xx", at, generation: 1 });
        for (const span of SPANS_HOURS) {
          for (let attempts = 2; attempts <= SPREAD_FAILURES; attempts++) {
            const key = `${span} ${attempts}`;
            if (!expected.has(key) && isSpread(times, span * HOUR_MS, attempts)) expected.set(key, at);
            assert.equal(clockStart(history, span, attempts), expected.get(key) ?? null, `round ${round}, ${key}`);
          }
        }
      }
      started += expected.size;
    }
    assert.ok(started > 4_000 && started < 400 * 45, `${started}`);
  });
});

/** The definition, word for word, for the newest of `times`. */
function isSpread(times: readonly number[], spanMs: number, attempts: number): boolean {
  const newest = times.at(-1) ?? 0;
  const within = times.filter((time) => newest - time <= spanMs);
  return within.length >= attempts && within.some((time) => newest - time >= spanMs / 2);
}
