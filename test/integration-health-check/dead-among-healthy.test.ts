import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HealthCheck } from "../../nodes/integration-health-check/health-check";
import { DEFAULT_RULES } from "../../nodes/lib/health/rules";
import { LowdbStore } from "../../nodes/lib/store/lowdb/lowdb-store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../nodes/lib/time/utc-day";
import { FakeClock } from "../fixtures/fake-clock";
import { seededRandom } from "../fixtures/seeded-random";

const named = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`);

describe("five receivers that refuse connections among others that answer", () => {
  let folder: string;
  let store: LowdbStore;
  const clock = new FakeClock();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cw-dead-"));
    const settings = { ...DEFAULT_STORE_SETTINGS };
    store = await LowdbStore.open({ path: folder, settings, clock, random: seededRandom(1) });
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are disabled after five days, though a comment comes only every six hours", async () => {
    const settings = { rules: DEFAULT_RULES, counting: "all", warnAt: 0.5, minWarningMs: DAY_MS } as const;
    const check = new HealthCheck({
      ...{ settings: { ...settings, mode: "disable" }, node: "health", clock, newEpisodeId: () => "episode" },
    });
    let attempts = 0;
    const disabledAt = new Map<string, number>();
    const startedAt = clock.now();
    const call = async (integrations: readonly string[], statusCode: number) => {
      for (const integration of integrations) {
        const result =
          statusCode > 0
            ? ({ outcome: "success", reason: null } as const)
            : ({ outcome: "timeout", reason: "refused" } as const);
        await store.countForeign({
          ...{ integration, attemptId: `a${++attempts}`, startedAt: clock.now(), durationMs: 0, statusCode, ...result },
          ...{ url: "", requestHeaders: {}, responseHeaders: {}, responseBody: "" },
        });
        const { news } = await check.afterOutcome(store, integration, result.outcome);
        if (news.some(({ to, suspended }) => to === "disabled" && !suspended)) {
          disabledAt.set(integration, clock.now() - startedAt);
        }
      }
    };
    const dead = named("dead", 5);
    const well = named("well", 10);
    while (clock.now() < startedAt + 7 * DAY_MS) {
      const open = dead.filter((integration) => !disabledAt.has(integration));
      await call(open, 0);
      clock.advance(2);
      await call(well, 200);
      for (const wait of [5 * SECOND_MS, 5 * MINUTE_MS, 6 * HOUR_MS]) {
        clock.advance(wait);
        if (wait < HOUR_MS) await call(open, 0);
      }
    }
    assert.deepEqual([...disabledAt.keys()].sort(), dead);
    for (const at of disabledAt.values()) assert.ok(at >= 5 * DAY_MS && at < 6 * DAY_MS, `${at / DAY_MS} days`);
  });
});
