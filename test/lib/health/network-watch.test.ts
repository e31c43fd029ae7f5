import assert from "node:assert/strict";
import { blameFor, NetworkWatch } from "../../../nodes/lib/health/network-watch";
import { BESIDE_MS } from "../../../nodes/lib/health/silence";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../nodes/lib/time/utc-day";
import { november } from "./told-history";

const WELL = ["a", "b", "c", "d", "e"];
const NOON = november("10 12:00");

/** A watch to which attempts are told, each a minute after the last. */
class Told {
  readonly watch = new NetworkWatch();
  nowMs = NOON;

  answered(...integrations: string[]): this {
    return this.tell(integrations, true);
  }

  silent(...integrations: string[]): this {
    return this.tell(integrations, false);
  }

  tell(integrations: readonly string[], answered: boolean, more: { active?: boolean; lastsMs?: number } = {}): this {
    const { active = true, lastsMs = 0 } = more;
    for (const integration of integrations) {
      this.nowMs += MINUTE_MS;
      this.watch.note({ integration, startedAt: this.nowMs - lastsMs, at: this.nowMs, answered, active });
    }
    return this;
  }

  /** Attempts that begin and end now. */
  atOnce(integrations: readonly string[], answered: boolean): this {
    for (const integration of integrations) {
      this.watch.note({ integration, startedAt: this.nowMs, at: this.nowMs, answered, active: true });
    }
    return this;
  }

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  /** Whose doing it is that an attempt got no answer which began just now, or so long ago. */
  blame(agoMs = 0): string {
    const startedAt = this.nowMs - agoMs;
    return blameFor(startedAt, this.watch.facts(startedAt, this.nowMs));
  }

  /** Five and more integrations that answered an hour ago. */
  static well(...integrations: string[]): Told {
    return new Told().answered(...WELL, ...integrations).wait(HOUR_MS);
  }
}

describe("whose doing it is that no answer came", () => {
  it("is theirs when someone was reached by an attempt that began then or later", () => {
    const told = Told.well().silent("a").wait(MINUTE_MS);
    assert.equal(told.blame(MINUTE_MS), "unclear");
    told.tell(["b"], true, { lastsMs: 2 * MINUTE_MS + 1 });
    assert.equal(told.blame(2 * MINUTE_MS), "unclear", "b was called a moment too early");
    told.tell(["b"], true, { lastsMs: 3 * MINUTE_MS });
    assert.equal(told.blame(3 * MINUTE_MS), "theirs");
  });

  it("is ours when five that were well got no answer, and nobody has been reached", () => {
    const told = Told.well().silent("a", "b", "c", "d", "d");
    assert.equal(told.blame(), "unclear");
    told.silent("e");
    assert.equal(told.blame(), "ours");
    assert.equal(told.blame(6 * MINUTE_MS), "ours", "from the first");
    assert.equal(told.blame(2 * HOUR_MS), "theirs", "but not before");
  });

  it("stays ours when someone is reached again, also for what began just before and ended after", () => {
    const told = Told.well("f")
      .silent("a", "b", "c", "d", "e")
      .answered("f")
      .wait(6 * MINUTE_MS);
    assert.equal(told.blame(6 * MINUTE_MS + BESIDE_MS), "ours");
    assert.equal(told.blame(6 * MINUTE_MS - 1), "unclear");
    told.answered("f");
    const reachedMs = 7 * MINUTE_MS;
    assert.equal(told.blame(reachedMs + BESIDE_MS), "ours");
    assert.equal(told.blame(reachedMs + BESIDE_MS - 1), "theirs", "f was called at about the same moment");
  });

  it("is still open for what began after the attempt by which someone was reached", () => {
    const told = Told.well("f")
      .silent("a", "b", "c")
      .tell(["f"], true, { lastsMs: 90 * SECOND_MS });
    told.wait(6 * MINUTE_MS).silent("d", "e", "g");
    assert.equal(told.blame(), "unclear");
    assert.equal(told.silent("h").blame(), "ours", "c, d, e, g and h");
  });

  it("is theirs at once where fewer than five answered within a week", () => {
    assert.equal(new Told().answered("a", "b", "c", "d").silent("a").blame(), "theirs");
    assert.equal(
      Told.well()
        .wait(6 * DAY_MS)
        .silent("a")
        .blame(),
      "unclear",
    );
    assert.equal(
      Told.well()
        .wait(7 * DAY_MS)
        .silent("a")
        .blame(),
      "theirs",
    );
  });

  it("is not ours when those without an answer had been silent before while others were reached", () => {
    const told = Told.well("f");
    for (const dead of ["a", "b", "c"]) told.silent(dead).answered("f");
    told.silent("a", "b", "c", "d", "e");
    assert.equal(told.blame(), "unclear");
    told.silent("f");
    assert.equal(told.blame(), "ours", "half of them were well");
  });

  it("forgets after a day that one had been silent, and at once when it answers", () => {
    const silentBefore = () => {
      const told = Told.well("f");
      for (const dead of ["a", "b", "c"]) told.silent(dead).answered("f");
      return told;
    };
    assert.equal(silentBefore().wait(DAY_MS).silent("a", "b", "c", "d", "e").blame(), "ours");
    assert.equal(silentBefore().answered("a").silent("a", "b", "c", "d", "e").blame(), "ours");
    const told = silentBefore();
    told.watch.forget("a");
    assert.equal(told.silent("a", "b", "c", "d", "e").blame(), "ours", "what was disabled starts anew");
  });

  it("does not take one outage of ours for their silence in the next", () => {
    const told = Told.well("f").silent("a", "b", "c", "d", "e").answered("f").silent("a", "b", "c", "d", "e");
    assert.equal(told.blame(), "ours");
  });

  it("is not ours where attempts are silent for less than 30 seconds, however long nobody had been called", () => {
    const together = (ms: number) =>
      Told.well("f").wait(HOUR_MS).atOnce(["a", "b", "c", "d"], false).wait(ms).atOnce(["e"], false);
    assert.equal(together(30 * SECOND_MS - 1).blame(), "unclear");
    assert.equal(together(30 * SECOND_MS).blame(), "ours");
    assert.equal(
      together(30 * SECOND_MS - 1)
        .atOnce(["f", "g"], true)
        .blame(),
      "theirs",
    );
  });

  it("is not ours by what began at about the same moment as an attempt that was answered", () => {
    const broken = (ms: number) =>
      Told.well("f")
        .atOnce(["a", "b", "c", "d"], false)
        .wait(MINUTE_MS)
        .atOnce(["e"], false)
        .wait(ms)
        .atOnce(["f", "g"], true);
    assert.equal(broken(BESIDE_MS).blame(BESIDE_MS), "ours");
    assert.equal(broken(BESIDE_MS - 1).blame(BESIDE_MS - 1), "theirs");
  });

  for (const order of ["before", "after"] as const) {
    it(`is theirs where five that refuse are always called just ${order} those that answer, and again after a while`, () => {
      const dead = ["1", "2", "3", "4", "5"];
      const told = Told.well().atOnce(dead, true);
      const blames: string[] = [];
      for (let comment = 0; comment < 10; comment++) {
        told.wait(6 * HOUR_MS);
        if (order === "before") told.atOnce(dead, false).wait(2).atOnce(WELL, true);
        else told.atOnce(WELL, true).wait(2).atOnce(dead, false);
        told
          .wait(30 * SECOND_MS)
          .atOnce(dead, false)
          .wait(5 * MINUTE_MS)
          .atOnce(dead, false);
        if (comment > 0) blames.push(told.blame());
      }
      assert.deepEqual([...new Set(blames)], ["unclear"]);
      assert.equal(told.wait(MINUTE_MS).atOnce(WELL, true).blame(MINUTE_MS), "theirs");
    });
  }

  it("is theirs from the second time on where five began to refuse while nobody else was called", () => {
    const dead = ["1", "2", "3", "4", "5"];
    const told = Told.well().atOnce(dead, true).wait(HOUR_MS);
    const comment = () => told.wait(HOUR_MS).atOnce(dead, false).wait(2).atOnce(WELL, true);
    told.atOnce(dead, false).wait(MINUTE_MS).atOnce(dead, false);
    assert.equal(told.blame(), "ours", "nothing tells it from an outage of ours");
    comment();
    assert.equal(told.blame(2), "theirs");
    told.wait(MINUTE_MS).atOnce(dead, false).wait(MINUTE_MS).atOnce(dead, false);
    assert.equal(told.blame(), "unclear");
    comment();
    assert.equal(told.blame(HOUR_MS), "theirs");
  });

  it("is ours while 80 % get no answer, even if someone is reached", () => {
    const told = Told.well().wait(DAY_MS);
    const others = (count: number) => {
      for (let i = 0; i < count; i++) {
        told.watch.note({ integration: `${i}`, startedAt: told.nowMs, at: told.nowMs, answered: false, active: true });
      }
    };
    told.answered("a");
    others(3);
    assert.equal(told.blame(), "theirs");
    others(4);
    assert.equal(told.blame(), "ours");
    assert.equal(
      told
        .wait(6 * MINUTE_MS)
        .answered("a")
        .blame(),
      "theirs",
    );
  });

  it("learns nothing from the silence of disabled integrations, but from their answers", () => {
    const told = Told.well().tell(["a", "b", "c", "d", "e"], false, { active: false });
    assert.equal(told.blame(), "unclear");
    assert.deepEqual(told.watch.reach(told.nowMs), { active: 0, withoutAnswer: 0 });
    assert.equal(told.tell(["a"], true, { active: false }).blame(), "theirs");
  });

  it("no longer counts the silence of one that was disabled", () => {
    const told = Told.well("f").silent("a", "b", "c", "d", "e");
    told.watch.forget("a");
    assert.equal(told.blame(), "unclear");
    assert.equal(told.silent("f").blame(), "ours");
  });

  it("begins anew when the clock is set back, but not for jitter", () => {
    const told = Told.well().silent("a", "b", "c", "d", "e");
    assert.equal(
      told
        .wait(-2 * MINUTE_MS)
        .silent("e")
        .blame(),
      "ours",
    );
    told.wait(-HOUR_MS).silent("a");
    assert.equal(told.blame(), "theirs", "nobody is known to answer");
    assert.deepEqual(told.watch.reach(told.nowMs), { active: 1, withoutAnswer: 1 });
  });
});
