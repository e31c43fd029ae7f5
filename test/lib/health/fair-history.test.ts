import assert from "node:assert/strict";
import type { AttemptClass } from "../../../nodes/lib/delivery/attempt";
import { type FairHistory, holdAgainst } from "../../../nodes/lib/health/fair-history";
import type { NetworkFacts } from "../../../nodes/lib/health/network-watch";
import { emptyHistory, recordAttempt } from "../../../nodes/lib/health/record-attempt";
import { DEFAULT_RULES, evaluateRules, type HealthRule, parseRules } from "../../../nodes/lib/health/rules";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { oneOf, seededRandom } from "../../fixtures/seeded-random";
import { november } from "./told-history";

const LASTS_MS = 15_000;

/** An integration's history as it is counted, and what is held against it. */
class Counted {
  readonly history = emptyHistory();
  fair: FairHistory | null = null;

  /** @param network when it last worked, and its outage, if what is known of it matters */
  attempt(at: number, attemptClass: AttemptClass, network?: NetworkFacts): this {
    const made = { class: attemptClass, at, startedAt: at - LASTS_MS, generation: 1 };
    this.fair = holdAgainst(this.fair, this.history, made, network);
    recordAttempt(this.history, made);
    return this;
  }

  get held() {
    return (this.fair?.history ?? this.history).failuresInARow;
  }
}

const worked = (workedAt: number): NetworkFacts => ({ workedAt, outages: [] });
const outage = (after: number, until: number): NetworkFacts => ({ workedAt: until, outages: [{ after, until }] });
const at = (minute: number) => november("10 12:00") + minute * MINUTE_MS;

describe("what is held against an integration", () => {
  it("is all that was counted while our own network is known to work", () => {
    const counted = new Counted().attempt(at(0), "http5xx").attempt(at(1), "noAnswer");
    assert.equal(counted.fair, null);
    assert.equal(counted.held, 2);
  });

  it("is not an attempt without an answer while that is unclear, and is when it turns out to be theirs", () => {
    const counted = new Counted().attempt(at(0), "http5xx").attempt(at(1), "noAnswer", worked(at(0)));
    assert.equal(counted.held, 1);
    counted.attempt(at(2), "noAnswer", worked(at(0)));
    assert.equal(counted.held, 1);
    counted.attempt(at(3), "noAnswer", worked(at(2)));
    assert.equal(counted.held, 3);
    assert.deepEqual(counted.fair?.history.newestAt, at(2));
    counted.attempt(at(4), "noAnswer", worked(at(4)));
    assert.equal(counted.fair, null, "it is all that was counted again");
  });

  it("is never an attempt that turns out to be ours", () => {
    const counted = new Counted().attempt(at(0), "noAnswer").attempt(at(1), "noAnswer", worked(at(0)));
    counted.attempt(at(9), "noAnswer", outage(at(0), at(9)));
    assert.equal(counted.held, 1);
    counted.attempt(at(20), "noAnswer", worked(at(20)));
    assert.equal(counted.held, 2);
    assert.equal(counted.history.failuresInARow, 4);
  });

  it("is an answer, whatever is known of our own network", () => {
    const counted = new Counted().attempt(at(0), "http5xx", outage(at(-9), at(9)));
    assert.equal(counted.held, 1);
    assert.equal(new Counted().attempt(at(0), "fatal", outage(at(-9), at(9))).fair, null);
  });

  it("becomes clear when the integration answers, in the order of the attempts", () => {
    const counted = new Counted().attempt(at(1), "noAnswer", worked(at(0))).attempt(at(2), "success", worked(at(0)));
    assert.deepEqual([counted.held, counted.fair], [0, null]);
    counted.attempt(at(3), "noAnswer", worked(at(2))).attempt(at(4), "http5xx", worked(at(2)));
    assert.deepEqual([counted.held, counted.fair], [2, null]);
  });

  it("comes in order where an attempt that is clear ends after one that is not", () => {
    const counted = new Counted().attempt(at(1), "noAnswer", worked(at(0)));
    const late = { class: "noAnswer", at: at(2), startedAt: at(0), generation: 1 } as const;
    counted.fair = holdAgainst(counted.fair, counted.history, late, worked(at(0)));
    assert.deepEqual(
      counted.fair?.unclear.map((unclear) => unclear.at),
      [at(1), at(2)],
    );
  });

  it("leaves out the oldest where very many are unclear", () => {
    const counted = new Counted();
    for (let minute = 1; minute <= 150; minute++) counted.attempt(at(minute), "noAnswer", worked(at(0)));
    assert.deepEqual([counted.fair?.unclear.length, counted.held, counted.fair?.leftOutAt], [100, 0, at(50)]);
    counted.attempt(at(151), "noAnswer", worked(at(151)));
    assert.equal(counted.held, 101);
  });

  it("does not wait for a time that is only to come, when the clock was set back", () => {
    const counted = new Counted().attempt(at(90), "noAnswer", worked(at(60)));
    assert.equal(counted.attempt(at(1), "noAnswer", worked(at(2))).held, 2);
  });

  it("is all again after a success on a later day: no rule can tell the difference any more", () => {
    const rules: readonly HealthRule[] = [
      ...DEFAULT_RULES,
      ...parseRules(
        [
          { rule: "consecutive", count: 9 },
          { rule: "timeouts-per-day", count: 9 },
        ],
        "rules",
      ),
      ...parseRules([{ rule: "failure-rate", minutes: 60, attempts: 9 }], "rules"),
    ];
    let differing = 0;
    let wholeAgain = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const counted = new Counted();
      /** What is held against it, without ever being taken for all of it. */
      const apart = new Counted();
      let nowMs = november("01");
      for (let step = 0; step < 400; step++) {
        nowMs += Math.floor(random() * oneOf([MINUTE_MS, HOUR_MS, DAY_MS / 2], random));
        const attemptClass = oneOf(["success", "http5xx", "noAnswer", "noAnswer"] as const, random);
        const network = attemptClass === "noAnswer" && random() < 0.3 ? outage(0, nowMs) : undefined;
        const before = counted.fair;
        counted.attempt(nowMs, attemptClass, network);
        if (network === undefined) apart.attempt(nowMs, attemptClass);
        const say = (history: Counted["history"]) =>
          evaluateRules(rules, "all", history, 1, nowMs).map(({ progress }) => progress);
        assert.deepEqual(say(counted.fair?.history ?? counted.history), say(apart.history), `${seed}, ${step}`);
        if (counted.fair !== null) differing += 1;
        if (before !== null && counted.fair === null) wholeAgain += 1;
      }
    }
    assert.ok(differing > 1_000 && wholeAgain > 100, `${differing}, ${wholeAgain}`);
  });
});
