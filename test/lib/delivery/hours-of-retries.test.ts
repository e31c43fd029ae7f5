import assert from "node:assert/strict";
import { lanePolicy } from "../../../nodes/lib/delivery/lane-policy";
import { retryWaitsMs } from "../../../nodes/lib/delivery/retry-schedule";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { seededRandom } from "../../fixtures/seeded-random";
import { EngineUnderTest, FAILED, OK } from "./engine-under-test";
import { turns } from "./until";

const DELIVERIES = 150;
const OUTAGE_MS = 12 * HOUR_MS;
/** What lies between a due time and the attempt: nothing but the coarse grain of the wake-up. */
const LATE_MS = 2;

describe("12 hours of retries against a receiver that comes back", () => {
  let sut: EngineUnderTest;
  beforeEach(async () => {
    sut = await EngineUnderTest.make();
    sut.random = seededRandom(12);
  });
  afterEach(() => sut.end());

  /** Accepts all, lets the outage and a day more pass, and returns the times of each delivery's attempts. */
  async function outage(jitter: boolean): Promise<Map<string, number[]>> {
    const start = sut.clock.now();
    sut.answer = () => (sut.clock.now() - start < OUTAGE_MS ? FAILED : OK);
    for (let index = 0; index < DELIVERIES; index++) {
      await sut.accept({ orderKey: `comment-${index % (jitter ? DELIVERIES : 100)}` });
      sut.clock.advance(MINUTE_MS / DELIVERIES);
    }
    for (;;) {
      await turns(6);
      while (sut.store.lanes().some(({ inFlight }) => inFlight > 0)) await turns(1);
      const { nextAt } = sut.clock;
      if (nextAt === null || nextAt > start + OUTAGE_MS + DAY_MS) break;
      sut.clock.advance(nextAt - sut.clock.now());
    }
    const attempts = new Map<string, number[]>();
    for (const { request, at } of sut.sent) {
      const id = request.headers["webhook-id"] ?? "";
      attempts.set(id, [...(attempts.get(id) ?? []), at]);
    }
    return attempts;
  }

  it("delivers every one within the schedule's jitter while the lane is not paused", async () => {
    const live = sut.deployed.get("one") ?? assert.fail();
    sut.store.configure("one", { ...lanePolicy(live.spec), pauses: false, concurrency: 1_000 });
    const attempts = await outage(true);
    assert.equal(sut.reports.filter(({ result }) => result === "delivered").length, DELIVERIES);
    assert.equal(sut.waiting(), 0);
    const waits = retryWaitsMs("standard");
    for (const [id, times] of attempts) {
      assert.ok(times.length >= 6 && times.length <= 8, `${id} took ${times.length} attempts`);
      times.slice(1).forEach((at, index) => {
        const waited = at - (times[index] ?? 0);
        const wait = waits[index] ?? 0;
        assert.ok(
          waited >= 0.8 * wait && waited <= 1.2 * wait + LATE_MS,
          `${id}: retry ${index + 1} after ${waited} ms`,
        );
      });
    }
  }).timeout(60_000);

  it("delivers every one, none before its time, and loses no retry by pausing", async () => {
    const start = sut.clock.now();
    const attempts = await outage(false);
    assert.equal(sut.reports.filter(({ result }) => result === "delivered").length, DELIVERIES);
    assert.deepEqual(
      sut.reports.filter(({ result }) => result === "given-up"),
      [],
    );
    const waits = retryWaitsMs("standard");
    for (const [id, times] of attempts) {
      times.slice(1).forEach((at, index) => {
        const waited = at - (times[index] ?? 0);
        assert.ok(waited >= 0.8 * (waits[index] ?? 0), `${id}: retry ${index + 1} after ${waited} ms`);
      });
    }
    const numbers = new Map<string, number>();
    for (const { delivery, attempt } of sut.reports) {
      const before = numbers.get(delivery.id) ?? 0;
      assert.equal(attempt?.attempt, before + 1);
      numbers.set(delivery.id, before + 1);
    }
    const failures = sut.reports.filter(({ result }) => result === "retrying").length;
    assert.ok(failures < DELIVERIES, `${failures} attempts were made in vain: the pauses spared the others`);
    // Those that had waited leave with the first try after the outage, at most an hour later.
    const end = start + OUTAGE_MS + HOUR_MS;
    const waited = [...attempts.values()].filter(({ length }) => length === 1);
    assert.ok(waited.length > 50, `${waited.length} were spared`);
    for (const [at = 0] of waited) assert.ok(at <= end, `${(at - end) / MINUTE_MS} minutes late`);
  }).timeout(60_000);
});
