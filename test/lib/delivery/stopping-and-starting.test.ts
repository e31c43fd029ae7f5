import assert from "node:assert/strict";
import type { TransportResult } from "../../../nodes/lib/delivery/transport";
import { MINUTE_MS, SECOND_MS } from "../../../nodes/lib/time/utc-day";
import { EngineUnderTest, FAILED, OK } from "./engine-under-test";
import { turns, until } from "./until";

describe("an engine that is stopped and started", () => {
  let sut: EngineUnderTest;
  beforeEach(async () => {
    sut = await EngineUnderTest.make();
  });
  afterEach(() => sut.end());

  it("picks up at start what waits, and retries at their time", async () => {
    sut.answer = () => FAILED;
    const retried = await sut.accept();
    await until(() => sut.reports.length === 1);
    await sut.engine.stop(0);
    const fresh = await sut.accept();
    await turns();
    assert.equal(sut.sent.length, 1, "a stopped engine sends nothing");
    sut.answer = () => OK;
    await sut.restart();
    await until(() => sut.reports.length === 2);
    assert.equal(sut.reports[1]?.delivery.id, fresh);
    sut.clock.advance(5 * SECOND_MS);
    await until(() => sut.reports.length === 3);
    assert.equal(sut.reports[2]?.delivery.id, retried);
  });

  it("waits for what is in flight before it has stopped", async () => {
    let answer: (result: TransportResult) => void = () => {};
    sut.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await sut.accept();
    await until(() => sut.sent.length === 1);
    let stopped = false;
    const stopping = sut.engine.stop(MINUTE_MS).then(() => {
      stopped = true;
    });
    await turns();
    assert.equal(stopped, false);
    answer(OK);
    await stopping;
    assert.equal(sut.reports[0]?.result, "delivered");
    assert.equal(sut.clock.timers, 0);
  });

  it("gives back what takes too long, and counts a late answer once", async () => {
    let answer: (result: TransportResult) => void = () => {};
    sut.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const id = await sut.accept();
    await until(() => sut.sent.length === 1);
    const stopping = sut.engine.stop(5 * SECOND_MS);
    await turns();
    sut.clock.advance(5 * SECOND_MS);
    await stopping;
    const [report] = sut.store.lanes();
    assert.deepEqual([report?.waiting, report?.inFlight], [1, 0]);
    answer(OK);
    await until(() => sut.waiting() === 0);
    assert.equal((await sut.store.state("one")).history.days[0]?.success, 1);
    sut.answer = () => OK;
    await sut.restart();
    await turns();
    assert.equal(sut.sent.length, 1, `${id} is not sent again`);
  });

  it("can be stopped and started again while it claims", async () => {
    for (let round = 0; round < 20; round++) {
      const accepting = sut.accept();
      await turns(round % 4);
      const stopping = sut.engine.stop(0);
      sut.engine.start();
      await Promise.all([accepting, stopping]);
    }
    await until(() => sut.waiting() === 0);
    assert.equal(new Set(sut.reports.map(({ delivery }) => delivery.id)).size, 20);
  });

  it("has no timer when nothing waits, and one when something does", async () => {
    assert.equal(sut.clock.timers, 0);
    sut.answer = () => FAILED;
    await sut.accept();
    await until(() => sut.reports.length === 1);
    await turns();
    assert.equal(sut.clock.timers, 1);
    assert.equal(sut.clock.nextAt, sut.clock.now() + 5 * SECOND_MS);
    await sut.engine.stop(0);
    assert.equal(sut.clock.timers, 0);
  });

  it("sends a backlog larger than what may be in flight at once", async () => {
    sut.deploy("one", { concurrency: 100 });
    for (let lane = 0; lane < 15; lane++) sut.deploy(`lane-${lane}`, { concurrency: 100 });
    let underway = 0;
    let most = 0;
    sut.answer = async () => {
      underway += 1;
      most = Math.max(most, underway);
      await turns(3);
      underway -= 1;
      return OK;
    };
    await sut.engine.stop(0);
    await Promise.all(Array.from({ length: 3_000 }, (_, index) => sut.accept({ integration: `lane-${index % 15}` })));
    sut.engine.start();
    await until(() => sut.reports.length === 3_000);
    assert.ok(most > 500 && most <= 1_024, `${most} at once`);
  });
});
