import assert from "node:assert/strict";
import type { IntegrationDirectory } from "../../../nodes/lib/delivery/integration-directory";
import { StatusBoard } from "../../../nodes/lib/health/status-board";
import type { LiveIntegration } from "../../../nodes/lib/integration/integration-spec";
import { until } from "../delivery/until";
import { StoreFolder } from "../store/lowdb/store-folder";
import { sealedIntegration } from "../store/sample-delivery";
import { StoreUnderTest } from "../store/store-under-test";

describe("the board of how integrations stand", () => {
  let store: StoreUnderTest;
  let board: StatusBoard;
  let told = 0;
  const deployed = new Map<string, LiveIntegration>();
  const watchers = new Set<(id: string) => void>();

  const directory: IntegrationDirectory = {
    get: (id) => deployed.get(id),
    unseal: () => assert.fail("nothing is sent here"),
    list: () => [...deployed.values()],
    onChange: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
  const changed = (id: string) => {
    for (const watcher of watchers) watcher(id);
  };
  const deploy = (id: string, name: string) => {
    const { sealedSecrets: _, ...spec } = sealedIntegration(id, { name });
    deployed.set(id, { spec, secrets: { secret: "", previousSecret: "", headers: {} }, tls: null, proxy: null });
    changed(id);
  };
  const shown = () =>
    [...board.entries()].map(({ name, real, dry }) => `${name}: ${real.status}, in a dry run ${dry.status}`).sort();
  const shows = (...lines: string[]) => until(() => JSON.stringify(shown()) === JSON.stringify(lines));

  beforeEach(async () => {
    deployed.clear();
    told = 0;
    store = new StoreUnderTest(await StoreFolder.make(), "re-opening", {});
    await store.open();
  });
  afterEach(async () => {
    board.stop();
    assert.equal(watchers.size, 0);
    await store.end();
  });

  const start = async () => {
    board = new StatusBoard({ store: store.store, directory });
    board.listen(() => {
      told += 1;
    });
    await board.start();
  };

  it("shows what is deployed, from before and as it changes", async () => {
    deploy("a", "Shop bot");
    deploy("b", "Chat");
    await store.disable("b");
    await store.between();
    await start();
    assert.deepEqual([board.loaded, told], [true, 1]);
    assert.deepEqual(shown(), ["Chat: disabled, in a dry run disabled", "Shop bot: active, in a dry run active"]);
    await store.enable("b");
    await store.transition({ to: "at-risk", dryRun: true }, "a");
    await shows("Chat: active, in a dry run active", "Shop bot: active, in a dry run at-risk");
    deploy("b", "Chat room");
    deployed.delete("a");
    changed("a");
    await shows("Chat room: active, in a dry run active");
  });

  it("shows of those given in messages only the ones that are not active", async () => {
    const settings = sealedIntegration("customer", { name: "Customer" });
    await store.accept({ integration: "customer", settings });
    await store.accept({ integration: "gone" });
    await store.disable("gone");
    await start();
    assert.deepEqual(shown(), []);
    await store.disable("customer");
    await shows("Customer: disabled, in a dry run disabled");
    board.stop();
    await store.between();
    await start();
    assert.deepEqual(shown(), ["Customer: disabled, in a dry run disabled"]);
    await store.enable("customer");
    await shows();
  });
});
