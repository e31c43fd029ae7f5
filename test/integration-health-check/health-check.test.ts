import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HealthCheck, type HealthSettings } from "../../nodes/integration-health-check/health-check";
import type { Outcome } from "../../nodes/lib/delivery/attempt";
import { openStore } from "../../nodes/lib/store/open-store";
import type { Store } from "../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { systemClock } from "../../nodes/lib/time/clock";

const SETTINGS: HealthSettings = {
  ...{ rules: [{ rule: "consecutive", count: 2 }], counting: "all", warnAt: 0.5, minWarningMs: 0, mode: "disable" },
};

describe("a health check", () => {
  let folder: string;
  let store: Store;
  let attempts = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cw-health-"));
    store = await openStore({ path: folder, settings: { ...DEFAULT_STORE_SETTINGS } });
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const check = (node: string, settings = SETTINGS) => {
    let episodes = 0;
    return new HealthCheck({ settings, node, clock: systemClock, newEpisodeId: () => `${node}-${++episodes}` });
  };
  const attempt = async (integration: string, outcome: Outcome) => {
    await store.countForeign({
      ...{ integration, attemptId: `a${++attempts}`, startedAt: systemClock.now(), durationMs: 1, outcome },
      ...{ reason: outcome === "success" ? null : "http-500", statusCode: outcome === "success" ? 200 : 500 },
      ...{ url: "", requestHeaders: {}, responseHeaders: {}, responseBody: "" },
    });
  };

  it("writes one transition when several decide at once, and each tells it once", async () => {
    const checks = ["a", "b", "c"].map((node) => check(node));
    for (let round = 0; round < 50; round++) {
      const integration = `round-${round}`;
      const told: string[][] = checks.map(() => []);
      for (let failure = 0; failure < 3; failure++) {
        await attempt(integration, "error");
        const findings = await Promise.all(checks.map((each) => each.afterOutcome(store, integration, "error")));
        for (const [index, { news }] of findings.entries()) told[index]?.push(...news.map(({ to }) => to));
      }
      assert.deepEqual(
        told,
        checks.map(() => ["at-risk", "disabled"]),
      );
      const { transitions, audit } = await store.state(integration);
      assert.deepEqual(
        transitions.map(({ to }) => to),
        ["at-risk", "disabled"],
      );
      assert.equal(audit.length, 2);
    }
  });

  it("obeys commands and outcomes in the order in which they came", async () => {
    const one = check("orders");
    const findings = await Promise.all([
      one.command(store, "orders", "disable", "Ada"),
      one.command(store, "orders", "enable", "Ada"),
      one.command(store, "orders", "disable", "Ada"),
    ]);
    assert.deepEqual(
      findings.map(({ health }) => health.status),
      ["disabled", "active", "disabled"],
    );
  });

  it("keeps the verdict on which a change was decided", async () => {
    const one = check("verdicts");
    await attempt("verdicts", "error");
    await attempt("verdicts", "error");
    const { health, news } = await one.afterOutcome(store, "verdicts", "error");
    assert.equal(health.status, "disabled");
    assert.deepEqual([health.verdict?.rule, health.verdict?.progress], ["consecutive", 1]);
    assert.equal(news.at(-1)?.to, "disabled");
  });

  it("decides nothing on what was not counted", async () => {
    await attempt("uncounted", "error");
    const { health, news } = await check("uncounted").afterOutcome(store, "uncounted", null);
    assert.equal(health.status, "active");
    assert.deepEqual(news, []);
  });

  it("does not take for news what was decided before it began", async () => {
    await check("before").command(store, "begun", "disable", "Ada");
    while (systemClock.now() <= ((await store.state("begun")).transitions.at(-1)?.at ?? 0)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const later = check("later");
    assert.deepEqual((await later.afterOutcome(store, "begun", null)).news, []);
    assert.equal((await later.command(store, "begun", "enable", "Ada")).news.length, 1);
  });
});
