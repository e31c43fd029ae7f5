import assert from "node:assert/strict";
import type { Answer } from "./health-model";
import { SingleIntegration } from "./single-integration";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What Sentry's own flow promises of its webhooks, under its preset, by behaviour. */
describe("under Sentry's preset", () => {
  let single: SingleIntegration;
  const open = async (whenDisabled: "hold" | "drop") => {
    single = await SingleIntegration.open({
      flows: ["one"],
      health: { counting: "sentry" },
      properties: {
        ...{ scheme: "sentry", retries: "sentry", ordered: false, concurrency: 256, whenDisabled },
        owners: ["ada@example.com"],
      },
    });
  };
  beforeEach(() => open("drop"));
  afterEach(async () => {
    assert.deepEqual(single.failures, []);
    await single.close();
  });

  const status = async () => (await single.state()).status;
  /** So many webhooks, all answered so. They are not retried before time goes on. */
  const answered = async (answer: Answer, count = 1) => {
    await single.send(count);
    assert.equal(await single.answerAll(answer), count);
  };
  /** One webhook a day, answered so, as are its retries. */
  const daysOf = async (...answers: Answer[]) => {
    for (const answer of answers) {
      await answered(answer);
      for (let retry = 0; retry < 3; retry++) {
        single.clock.advance(10 * MINUTE);
        await single.still();
        await single.answerAll(answer);
      }
      single.clock.advance(DAY - 30 * MINUTE);
    }
  };

  it("disables once when the time-outs of a day reach the threshold, without a time of warning", async () => {
    await answered("none", 999);
    assert.equal(await status(), "at-risk");
    await answered("none");
    assert.equal(await status(), "disabled");
    assert.deepEqual(single.told, [["at-risk", "disabled"]]);
    assert.deepEqual(
      single.mails.map(({ kind }) => kind),
      ["at-risk", "disabled"],
    );
    const { audit } = await single.state();
    assert.deepEqual([audit.length, audit.at(-1)?.by], [2, "rule timeouts-per-day"]);
  });

  it("has clear counters after enabling: one time-out then does nothing", async () => {
    await answered("none", 1_000);
    assert.equal(await status(), "disabled");
    await single.command("enable", "Ada");
    await answered("none");
    assert.equal(await status(), "active");
    await answered("none", 998);
    assert.equal(await status(), "at-risk");
    await answered("none");
    assert.equal(await status(), "disabled");
    assert.equal((await single.state()).transitions.filter(({ to }) => to === "disabled").length, 2);
  });

  it("does not add the time-outs of two days together", async () => {
    for (let day = 0; day < 2; day++) {
      await answered("none", 249);
      let attempts = 249;
      for (let retry = 0; retry < 3; retry++) {
        single.clock.advance(10 * MINUTE);
        await single.still();
        attempts += await single.answerAll("none");
      }
      assert.equal(attempts, 996);
      single.clock.advance(DAY - 30 * MINUTE);
    }
    assert.equal(await status(), "at-risk");
  });

  it("disables a busy integration for its time-outs, whatever their share", async () => {
    await answered("2xx", 1_500);
    await answered("none", 1_000);
    assert.equal(await status(), "disabled");
  });

  it("disables on the seventh day in a row of 4xx only", async () => {
    await daysOf("4xx", "4xx", "4xx", "4xx", "4xx", "4xx");
    assert.equal(await status(), "at-risk");
    await daysOf("4xx");
    assert.equal(await status(), "disabled");
    assert.deepEqual((await single.state()).transitions.at(-1)?.cause, { cause: "rule", rule: "failing-days" });
  });

  it("does not disable when there was a success in between", async () => {
    await daysOf("4xx", "4xx", "4xx", "2xx", "4xx", "4xx", "4xx", "4xx", "4xx", "4xx");
    assert.notEqual(await status(), "disabled");
    await daysOf("4xx");
    assert.equal(await status(), "disabled", "seven days after the success");
  });

  it("does not disable when one of the days had a success among its failures", async () => {
    await daysOf("4xx", "4xx", "4xx");
    await answered("2xx");
    await daysOf("4xx", "4xx", "4xx", "4xx");
    assert.notEqual(await status(), "disabled");
  });

  for (const answer of ["5xx", "429", "3xx"] as const) {
    it(`does not count ${answer}`, async () => {
      await daysOf(...Array.from({ length: 30 }, () => answer));
      await answered(answer, 1_000);
      assert.equal(await status(), "active");
      assert.deepEqual([single.told, single.mails], [[[]], []]);
    });
  }

  it("does not let 5xx, 429 or silence make a day of failures", async () => {
    await daysOf("4xx", "4xx", "4xx", "5xx", "4xx", "4xx", "4xx");
    await daysOf("4xx", "4xx", "none", "4xx", "4xx", "429");
    assert.notEqual(await status(), "disabled");
  });

  it("disables at once what is gone", async () => {
    await answered("fatal");
    assert.equal(await status(), "disabled");
    assert.equal((await single.state()).transitions.at(-1)?.cause.cause, "receiver");
  });

  it("makes no request while it is disabled, and sends what was held after enabling", async () => {
    await single.close();
    await open("hold");
    await answered("fatal");
    await single.send(20);
    single.clock.advance(DAY);
    await single.send(20);
    assert.deepEqual(single.calls, []);
    await single.command("enable", "Ada");
    let delivered = 0;
    // It goes out gently.
    for (let second = 0; second < 30; second++) {
      delivered += await single.answerAll("2xx");
      single.clock.advance(1_000);
      await single.still();
    }
    assert.equal(delivered, 40);
    assert.equal(single.reports.filter(({ result }) => result === "delivered").length, 40);
  });
});
