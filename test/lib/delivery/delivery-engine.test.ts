import assert from "node:assert/strict";
import { UnknownIntegrationError } from "../../../nodes/lib/delivery/delivery-engine";
import { type LaneReport, NotAcceptedError } from "../../../nodes/lib/delivery/outbox";
import type { TransportResult } from "../../../nodes/lib/delivery/transport";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../../nodes/lib/time/utc-day";
import { sealedAnew, sealedIntegration, transition } from "../store/sample-delivery";
import { EngineUnderTest, FAILED, NODE, OK, type SentRequest } from "./engine-under-test";
import { turns, until } from "./until";

const HANGS = new Promise<TransportResult>(() => {});

describe("DeliveryEngine", () => {
  let sut: EngineUnderTest;
  beforeEach(async () => {
    sut = await EngineUnderTest.make();
  });
  afterEach(() => sut.end());
  const headerOf = ({ request }: SentRequest, name: string) => request.headers[name];

  describe("telling outcomes", () => {
    it("tells a delivery with what came with the message", async () => {
      const id = await sut.accept({ body: { text: "ü" } });
      await until(() => sut.reports.length > 0);
      const [report] = sut.reports;
      assert.ok(report?.attempt);
      assert.equal(report.result, "delivered");
      assert.equal(report.delivery.id, id);
      assert.deepEqual(report.delivery.origin, { node: NODE, msgid: "m1", topic: "t", carry: { tenant: 7 } });
      assert.equal(report.delivery.generation, 1);
      assert.deepEqual(
        [report.attempt.attempt, report.attempt.outcome, report.attempt.statusCode],
        [1, "success", 200],
      );
      assert.deepEqual([report.gaveUp, report.nextAttemptAt, report.maxAttempts], [null, null, 10]);
      assert.equal(sut.sent[0]?.request.body.toString(), '{"text":"ü"}');
      assert.equal(sut.waiting(), 0);
    });

    it("tells each attempt that will be made again, and when; then that it was given up", async () => {
      sut.deploy("one", { retries: [60, 120] });
      sut.answer = () => FAILED;
      await sut.accept();
      for (const wait of [60 * SECOND_MS, 120 * SECOND_MS, null]) {
        await until(() => sut.reports.length > 0);
        const [report] = sut.reports.splice(0);
        assert.equal(report?.result, wait === null ? "given-up" : "retrying");
        assert.equal(report?.gaveUp, wait === null ? "exhausted" : null);
        assert.equal(report?.nextAttemptAt, wait === null ? null : sut.clock.now() + wait);
        if (wait === null) break;
        sut.clock.advance(wait - 1);
        await turns();
        assert.equal(sut.reports.length, 0);
        sut.clock.advance(1);
      }
      assert.deepEqual(
        (await sut.store.log("one")).map(({ attempt, gaveUp }) => [attempt, gaveUp]),
        [
          [3, "exhausted"],
          [2, null],
          [1, null],
        ],
      );
    });

    it("tells what the store gave up by itself", async () => {
      sut.deploy("one", { whenDisabled: "drop" });
      await sut.store.transition("one", 0, transition({ to: "disabled" }));
      const id = await sut.accept();
      await until(() => sut.reports.length > 0);
      const [report] = sut.reports;
      assert.deepEqual(
        [report?.result, report?.gaveUp, report?.attempt, report?.delivery.id],
        ["given-up", "dropped", null, id],
      );
      assert.equal(sut.sent.length, 0);
    });

    it("sends also what a node accepted that is gone, and tells it to nobody", async () => {
      await sut.accept({}, { node: "gone" });
      await until(() => sut.sent.length === 1 && sut.waiting() === 0);
      assert.equal(sut.reports.length, 0);
      assert.equal((await sut.store.state("one")).history.days[0]?.success, 1);
    });

    it("tells the node that took another's place, and none that was taken away", async () => {
      const detach = sut.engine.attach("other", () => assert.fail("its place was taken"));
      const told: string[] = [];
      sut.engine.attach("other", ({ delivery }) => told.push(delivery.id));
      detach();
      const id = await sut.accept({}, { node: "other" });
      await until(() => told.length > 0);
      assert.deepEqual(told, [id]);
    });

    it("goes on when a listener throws", async () => {
      sut.engine.attach("throws", () => {
        throw new Error("no wires");
      });
      await sut.accept({}, { node: "throws" });
      await sut.store.transition("one", 0, transition({ to: "disabled" }));
      sut.deploy("one", { whenDisabled: "drop" });
      await sut.accept({}, { node: "throws" });
      await until(() => sut.waiting() === 0);
      sut.deploy("two");
      const id = await sut.accept({ integration: "two" });
      await until(() => sut.reports.length > 0);
      assert.equal(sut.reports[0]?.delivery.id, id);
    });

    it("tells how lanes are, now and when something changes", async () => {
      const told: LaneReport[][] = [];
      const stop = sut.engine.onLanes((lanes) => told.push(lanes));
      sut.clock.advance(250);
      assert.deepEqual(told, [[]]);
      sut.answer = () => HANGS;
      await sut.accept();
      await until(() => sut.sent.length === 1);
      sut.clock.advance(250);
      assert.deepEqual(told.at(-1), [
        { integration: "one", lane: { state: "open" }, waiting: 1, inFlight: 1, localReason: null },
      ]);
      stop();
      await sut.accept();
      sut.clock.advance(250);
      assert.equal(told.length, 2);
    });
  });

  describe("accepting", () => {
    it("refuses what is for an integration of which it knows nothing", async () => {
      await assert.rejects(sut.accept({ integration: "unknown" }), UnknownIntegrationError);
      assert.equal(sut.waiting("unknown"), 0);
    });

    it("refuses when the store does", async () => {
      await sut.store.close();
      await assert.rejects(sut.accept(), NotAcceptedError);
    });

    it("sends a copy once", async () => {
      const id = await sut.accept({ id: "msg_1" });
      await until(() => sut.reports.length === 1);
      await sut.accept({ id });
      await turns();
      assert.equal(sut.sent.length, 1);
    });

    it("keeps an integration given in a message as long as something of it waits, also over a restart", async () => {
      sut.answer = () => FAILED;
      const settings = sealedIntegration("customer", { sealedSecrets: "first-secret-12345", retries: [60] });
      await sut.accept({ integration: "customer", settings });
      await until(() => sut.reports.length === 1);
      await sut.restart();
      sut.answer = () => OK;
      sut.clock.advance(60 * SECOND_MS);
      await until(() => sut.reports.length === 2);
      assert.equal(sut.reports[1]?.result, "delivered");
      assert.equal(sut.sent[1]?.integration.spec.url, settings.url);
    });
  });

  describe("attempts", () => {
    it("for an integration given in messages are as many at once as its latest settings allow", async () => {
      sut.answer = () => HANGS;
      const settings = sealedIntegration("customer", { sealedSecrets: "secret-of-length", concurrency: 1 });
      for (let count = 0; count < 3; count++) await sut.accept({ integration: "customer", settings });
      await turns();
      assert.equal(sut.sent.length, 1);
      await sut.accept({ integration: "customer", settings: { ...settings, concurrency: 3 } });
      await until(() => sut.sent.length === 3);
      await turns();
      assert.equal(sut.sent.length, 3);
    });

    it("are signed with the settings of their time; body and scheme are those of the accepting", async () => {
      sut.answer = () => FAILED;
      await sut.accept({ body: { a: 1 } });
      await until(() => sut.reports.length === 1);
      sut.deploy("one", { url: "https://new.example/", scheme: "sentry" }, "another-secret-123");
      sut.clock.advance(5 * SECOND_MS);
      await until(() => sut.reports.length === 2);
      const [first, second] = sut.sent;
      assert.ok(first && second);
      assert.equal(second.request.url, "https://new.example/");
      assert.ok(headerOf(second, "webhook-signature")?.startsWith("v1,"));
      assert.notEqual(headerOf(second, "webhook-signature"), headerOf(first, "webhook-signature"));
      assert.equal(headerOf(second, "webhook-id"), headerOf(first, "webhook-id"));
      assert.deepEqual(second.request.body, first.request.body);
    });

    it("that failed on our side are made at once when the settings change; others keep their schedule", async () => {
      const isAllowed = ({ integration }: SentRequest) => integration.spec.allowPrivate;
      sut.answer = (sent) =>
        isAllowed(sent) ? OK : { ...OK, outcome: null, reason: "blocked-address", statusCode: 0 };
      const blocked = await sut.accept();
      await until(() => sut.reports.length === 1);
      sut.answer = (sent) => (sent.request.headers["webhook-id"] === blocked && isAllowed(sent) ? OK : FAILED);
      await sut.accept();
      await until(() => sut.reports.length === 2);
      sut.deploy("one", { allowPrivate: true });
      await until(() => sut.reports.length === 3);
      assert.deepEqual([sut.reports[2]?.result, sut.reports[2]?.delivery.id], ["delivered", blocked]);
      await turns();
      assert.deepEqual([sut.reports.length, sut.waiting()], [3, 1]);
    });

    it("that failed on our side keep their schedule when comments come with the same settings, sealed each time", async () => {
      sut.answer = () => ({ ...OK, outcome: null, reason: "local-dns", statusCode: 0 });
      for (let comments = 1; comments <= 20; comments++) {
        await sut.accept({ integration: "customer", settings: sealedAnew("customer") });
        await until(() => sut.reports.length >= comments);
        await turns();
        assert.equal(sut.sent.length, comments);
        if (comments === 10) await sut.restart();
      }
    });

    it("close an integration's connections when its settings change", async () => {
      sut.deploy("one", { url: "https://new.example/" });
      sut.undeploy("one");
      assert.deepEqual(sut.forgotten, ["one", "one"]);
    });

    it("wait while the secrets cannot be opened, and use up none of their number", async () => {
      sut.unseal = () => {
        throw new Error("sealed under another key");
      };
      await sut.accept({ integration: "customer", settings: sealedIntegration("customer") });
      await until(() => sut.reports.length === 1);
      const [report] = sut.reports;
      assert.deepEqual(
        [report?.result, report?.attempt?.reason, report?.attempt?.outcome],
        ["retrying", "no-secret", null],
      );
      assert.equal(sut.sent.length, 0);
      sut.unseal = ({ sealedSecrets: _, ...spec }) => ({
        ...{
          spec,
          secrets: { secret: "a-secret-of-some-length", previousSecret: "", headers: {} },
          tls: null,
          proxy: null,
        },
      });
      sut.clock.advance(5 * SECOND_MS);
      await until(() => sut.reports.length === 2);
      assert.deepEqual([sut.reports[1]?.result, sut.reports[1]?.attempt?.attempt], ["delivered", 1]);
      assert.equal((await sut.store.state("customer")).history.days[0]?.success, 1);
    });

    it("are taken for failed for a local reason when the transport breaks its word and throws", async () => {
      sut.answer = () => Promise.reject(new Error("a bug"));
      await sut.accept();
      await until(() => sut.reports.length === 1);
      assert.deepEqual([sut.reports[0]?.result, sut.reports[0]?.attempt?.outcome], ["retrying", null]);
    });

    it("of one integration that hangs do not keep another's", async () => {
      sut.deploy("two");
      sut.answer = ({ integration }) => (integration.spec.id === "one" ? HANGS : OK);
      for (let index = 0; index < 50; index++) await sut.accept();
      for (let index = 0; index < 20; index++) await sut.accept({ integration: "two" });
      await until(() => sut.reports.length === 20);
      assert.equal(sut.sent.filter(({ integration }) => integration.spec.id === "one").length, 4);
    });
  });

  describe("integrations that come and go", () => {
    it("keep what waits while their node is gone, and get it when it is back", async () => {
      sut.answer = () => FAILED;
      const id = await sut.accept();
      await until(() => sut.reports.length === 1);
      sut.undeploy("one");
      sut.answer = () => OK;
      sut.clock.advance(HOUR_MS);
      await turns();
      assert.equal(sut.sent.length, 1);
      assert.equal(sut.waiting(), 1);
      await sut.restart();
      await turns();
      assert.equal(sut.sent.length, 1);
      sut.deploy("one");
      await until(() => sut.reports.length === 2);
      assert.deepEqual([sut.reports[1]?.result, sut.reports[1]?.delivery.id], ["delivered", id]);
    });

    it("may be discarded meanwhile, which is told", async () => {
      sut.answer = () => FAILED;
      await sut.accept();
      await until(() => sut.reports.length === 1);
      sut.undeploy("one");
      assert.equal(await sut.engine.discard("one"), 1);
      await until(() => sut.reports.length === 2);
      assert.equal(sut.reports[1]?.gaveUp, "discarded");
      assert.equal(sut.waiting(), 0);
    });
  });

  it("expires what is older than it may be, also when nothing else happens", async () => {
    sut.deploy("one", { maxAgeHours: 1, concurrency: 1 });
    sut.answer = () => HANGS;
    await sut.accept();
    const late = await sut.accept();
    await until(() => sut.sent.length === 1);
    sut.clock.advance(DAY_MS);
    sut.deploy("one", { maxAgeHours: 1, concurrency: 2 });
    await until(() => sut.reports.length === 1);
    assert.deepEqual([sut.reports[0]?.delivery.id, sut.reports[0]?.gaveUp], [late, "expired"]);
  });
});
