import assert from "node:assert/strict";
import { UnknownIntegrationError } from "../../../nodes/lib/delivery/delivery-engine";
import { HOUR_MS } from "../../../nodes/lib/time/utc-day";
import { sealedIntegration, transition } from "../store/sample-delivery";
import { EngineUnderTest, FAILED, NODE, OK } from "./engine-under-test";
import { until } from "./until";

describe("an engine's tests and replays", () => {
  let sut: EngineUnderTest;
  beforeEach(async () => {
    sut = await EngineUnderTest.make();
  });
  afterEach(() => sut.end());

  it("sends a signed test that is told, logged and not counted", async () => {
    const id = await sut.engine.test("one", { node: NODE, msgid: "t" });
    await until(() => sut.reports.length === 1);
    const [report] = sut.reports;
    assert.deepEqual(
      [report?.delivery.id, report?.delivery.kind, report?.delivery.event],
      [id, "test", "webhook.test"],
    );
    assert.equal(JSON.parse(sut.sent[0]?.request.body.toString() ?? "").type, "webhook.test");
    assert.deepEqual((await sut.store.state("one")).history.days, []);
    assert.equal((await sut.store.log("one", "webhook.test")).length, 1);
    await assert.rejects(sut.engine.test("unknown", { node: NODE, msgid: "t" }), UnknownIntegrationError);
  });

  it("sends a test to a disabled integration, once", async () => {
    await sut.store.transition("one", 0, transition({ to: "disabled" }));
    sut.answer = () => FAILED;
    await sut.engine.test("one", { node: NODE, msgid: "t" });
    await until(() => sut.reports.length === 1);
    assert.deepEqual([sut.reports[0]?.result, sut.reports[0]?.gaveUp], ["given-up", "exhausted"]);
  });

  /** Three that were given up and one that was delivered, an hour apart. */
  async function history(): Promise<string[]> {
    sut.deploy("one", { retries: "none" });
    const ids: string[] = [];
    for (const answer of [FAILED, FAILED, OK, FAILED]) {
      sut.answer = () => answer;
      ids.push(await sut.accept({ body: { number: ids.length } }));
      await until(() => sut.reports.length === ids.length);
      sut.clock.advance(HOUR_MS);
    }
    sut.answer = () => OK;
    sut.reports.splice(0);
    sut.sent.splice(0);
    return ids;
  }

  it("sends all that were given up again, oldest first, with the same ids and never counted", async () => {
    const [first, second, , fourth] = await history();
    const before = await sut.store.state("one").then(({ history: { days } }) => structuredClone(days));
    assert.equal(await sut.engine.redeliver("one", {}), 3);
    await until(() => sut.reports.length === 1);
    sut.clock.advance(100);
    await until(() => sut.reports.length === 2);
    sut.clock.advance(100);
    await until(() => sut.reports.length === 3);
    assert.deepEqual(
      sut.reports.map(({ delivery, result }) => [delivery.id, delivery.kind, result]),
      [first, second, fourth].map((id) => [id, "replay", "delivered"]),
    );
    assert.equal(sut.sent[0]?.request.body.toString(), '{"number":0}');
    assert.deepEqual((await sut.store.state("one")).history.days, before);
    assert.equal(await sut.engine.redeliver("one", {}), 0, "they are delivered now");
    await sut.restart();
    assert.equal(await sut.engine.redeliver("one", {}), 0);
  });

  it("sends one again, or those since a time, or also what was delivered", async () => {
    const [, second, third, fourth] = await history();
    const { clock, engine } = sut;
    assert.equal(await engine.redeliver("one", { id: third ?? "" }), 1);
    await until(() => sut.reports.length === 1);
    assert.equal(await engine.redeliver("one", { id: "msg_unknown" }), 0);
    assert.equal(await engine.redeliver("one", { since: clock.now() - HOUR_MS }), 1);
    clock.advance(100);
    await until(() => sut.reports.length === 2);
    assert.equal(sut.reports[1]?.delivery.id, fourth);
    assert.equal(await engine.redeliver("one", { since: clock.now() - 3.1 * HOUR_MS, delivered: true }), 3);
    for (const count of [3, 4, 5]) {
      clock.advance(100);
      await until(() => sut.reports.length === count);
    }
    assert.ok(sut.reports.slice(2).some(({ delivery }) => delivery.id === second));
  });

  it("sends a replay and a test also to an integration given in a message, after a restart", async () => {
    sut.answer = () => ({ ...FAILED, abortMessage: true });
    await sut.accept({
      integration: "customer",
      settings: sealedIntegration("customer", { sealedSecrets: "secret-of-length" }),
    });
    await until(() => sut.reports.length === 1);
    await sut.restart();
    sut.answer = () => OK;
    assert.equal(await sut.engine.redeliver("customer", {}), 1);
    await sut.engine.test("customer", { node: NODE, msgid: "t" });
    await until(() => sut.reports.length === 3);
    assert.deepEqual(
      sut.reports
        .slice(1)
        .map(({ delivery, result }) => [delivery.kind, result])
        .sort(),
      [
        ["replay", "delivered"],
        ["test", "delivered"],
      ],
    );
  });
});
