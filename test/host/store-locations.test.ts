import assert from "node:assert/strict";
import { Deployed } from "../../nodes/host/deployed";
import { FlowCycle } from "../../nodes/host/flow-cycle";
import { type DeployedStore, StoreLocations, UnknownStoreError } from "../../nodes/host/store-locations";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import { FlowEvents } from "./flow-events";

function locations() {
  const stores = new Deployed<DeployedStore>(new FlowCycle(new FlowEvents()));
  return { stores, locations: new StoreLocations(stores, "/home/me/.node-red") };
}

const SETTINGS = { ...DEFAULT_STORE_SETTINGS };

describe("where stores lie", () => {
  it("is in the user directory, unless a path is absolute", () => {
    const { locations: where } = locations();
    assert.equal(where.defaultPath, "/home/me/.node-red/comment-webhooks");
    assert.equal(where.resolve("mine"), "/home/me/.node-red/mine");
    assert.equal(where.resolve("/data/hooks"), "/data/hooks");
  });

  it("is the default store for an empty id, and that of the node otherwise", () => {
    const { stores, locations: where } = locations();
    stores.offer("s", { path: "/data/hooks", settings: SETTINGS, encryptionKey: "", name: "" });
    assert.equal(where.pathOf(""), where.defaultPath);
    assert.equal(where.pathOf("s"), "/data/hooks");
    assert.throws(() => where.pathOf("gone"), UnknownStoreError);
  });

  it("gives the encryption key of the node deployed there, also for the default store", () => {
    const { stores, locations: where } = locations();
    assert.equal(where.encryptionKeyAt(where.defaultPath), "");
    stores.offer("s", { path: where.defaultPath, settings: SETTINGS, encryptionKey: "key", name: "" });
    assert.equal(where.encryptionKeyAt(where.defaultPath), "key");
  });
});
