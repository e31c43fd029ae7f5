import assert from "node:assert/strict";
import type { HealthStatus } from "../../../nodes/lib/health/integration-ledger";
import { writeDecision } from "../../../nodes/lib/health/write-decision";
import type { Store } from "../../../nodes/lib/store/store";
import { FakeClock } from "../../fixtures/fake-clock";
import { StoreFolder } from "../store/lowdb/store-folder";
import { INTEGRATION, transition } from "../store/sample-delivery";

describe("a decision on an integration", () => {
  let folder: StoreFolder;
  let store: Store;

  beforeEach(async () => {
    folder = await StoreFolder.make();
    store = await folder.open({ settings: {}, clock: new FakeClock(), random: () => 0 });
  });
  afterEach(async () => {
    await store.close();
    await folder.remove();
  });

  it("is written, and leads to a state", async () => {
    const { written, state } = await writeDecision(store, INTEGRATION, () => transition({ to: "disabled" }));
    assert.deepEqual([written?.to, written?.sequence, state.status], ["disabled", 1, "disabled"]);
  });

  it("may be that nothing changes", async () => {
    const { written, state } = await writeDecision(store, INTEGRATION, () => null);
    assert.deepEqual([written, state.status, state.revision], [null, "active", 0]);
  });

  it("is made anew when someone else decides meanwhile", async () => {
    const seen: HealthStatus[] = [];
    const { written } = await writeDecision(store, INTEGRATION, async ({ status, revision }) => {
      seen.push(status);
      if (seen.length === 1)
        await store.transition(INTEGRATION, revision, transition({ to: "at-risk", node: "other" }));
      return transition({ from: status, to: "disabled" });
    });
    assert.deepEqual(seen, ["active", "at-risk"]);
    assert.deepEqual([written?.from, written?.sequence], ["at-risk", 2]);
  });
});
