import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_REASONS, type LocalReason } from "../../nodes/lib/delivery/attempt";
import type { LaneReport, LaneState } from "../../nodes/lib/delivery/outbox";
import type { Damage, StoreCondition } from "../../nodes/lib/store/store";
import { lookOf, type SendStatus, type StoreView, sendStatus } from "../../nodes/webhook-send/send-status";

const OPEN: LaneState = { state: "open" };
const UNTIL = new Date(2026, 10, 23, 14, 5).getTime();
const paused = (until = UNTIL): LaneState => ({ state: "paused", until, failures: 5 });

function lane(integration: string, state: LaneState, waiting: number, inFlight = 0): LaneReport {
  return { integration, lane: state, waiting, inFlight, localReason: null };
}

function unsent(integration: string, localReason: LocalReason, waiting: number): LaneReport {
  return { ...lane(integration, OPEN, waiting), localReason };
}

function view(
  lanes: LaneReport[],
  condition: StoreCondition = { state: "ok" },
  disabled: readonly string[] = [],
): StoreView {
  return { state: { state: "opening" }, condition, lanes, disabled };
}

function damage(file: string, keptAs = `${file}.damaged-then`): Damage {
  return { file, keptAs, problem: "it is empty", consequence: "Nothing is lost." };
}

const IN_PLACE = join("store", "a-1", "state.json");

const statusOf = (...views: StoreView[]) => sendStatus(views, (id) => `<${id}>`);

const catalogue: { "webhook-send": Record<"status" | "unsent", Record<string, string>> } = JSON.parse(
  readFileSync(join(__dirname, "../../nodes/webhook-send/locales/en-US/webhook-send.json"), "utf8"),
);

/** Each thing that the status can say, and where it says it. */
const CASES: [string, StoreView[], SendStatus][] = [
  ["nothing waits", [view([lane("a", OPEN, 0)])], { key: "idle", values: {} }],
  [
    "attempts are in flight",
    [view([lane("a", OPEN, 3, 2), lane("b", OPEN, 1, 1)])],
    { key: "sending", values: { inFlight: 3, waiting: 4 } },
  ],
  ["retries wait", [view([lane("a", OPEN, 3)])], { key: "waiting", values: { waiting: 3 } }],
  [
    "a lane is paused",
    [view([lane("a", paused(), 7), lane("b", OPEN, 9, 1)])],
    { key: "paused", values: { integration: "<a>", until: "14:05", waiting: 7 } },
  ],
  [
    "lanes of two stores are paused",
    [view([lane("a", paused(UNTIL + 3_600_000), 7)]), view([lane("b", paused(), 2)])],
    { key: "paused-many", values: { count: 2, until: "14:05", waiting: 9 } },
  ],
  [
    "an integration is disabled",
    [view([lane("a", { state: "held" }, 4)])],
    { key: "disabled", values: { integration: "<a>", waiting: 4 } },
  ],
  [
    "integrations are disabled",
    [view([lane("a", { state: "held" }, 4), lane("b", { state: "held" }, 1)])],
    { key: "disabled-many", values: { count: 2, waiting: 5 } },
  ],
  [
    "integrations are disabled, and something is held for one",
    [view([lane("a", { state: "held" }, 4)], { state: "ok" }, ["a", "b"])],
    { key: "disabled-many", values: { count: 2, waiting: 4 } },
  ],
  [
    "an integration is disabled and nothing is held",
    [view([], { state: "ok" }, ["a"])],
    { key: "disabled-idle", values: { integration: "<a>" } },
  ],
  [
    "integrations are disabled and nothing is held",
    [view([], { state: "ok" }, ["a"]), view([], { state: "ok" }, ["b"])],
    { key: "disabled-idle-many", values: { count: 2 } },
  ],
  [
    "an address is blocked",
    [view([unsent("a", "blocked-address", 3), lane("b", paused(), 2), lane("c", OPEN, 9, 1)])],
    { key: "unsent", values: { integration: "<a>", reason: "blocked-address", waiting: 3 } },
  ],
  [
    "there is no network",
    [view([unsent("a", "local-network", 3), unsent("b", "local-network", 2), unsent("c", "proxy", 1)])],
    { key: "unsent-many", values: { count: 2, reason: "local-network", waiting: 5 } },
  ],
  [
    "an integration's node was removed",
    [view([lane("a", { state: "unconfigured" }, 4)])],
    { key: "unconfigured", values: { integration: "<a>", waiting: 4 } },
  ],
  [
    "nothing can be written",
    [view([lane("a", paused(), 7)], { state: "unwritable", problem: "no space" })],
    { key: "store-unwritable", values: { problem: "no space" } },
  ],
  [
    "the store is full",
    [view([], { state: "full", problem: "1 GiB" })],
    { key: "store-full", values: { problem: "1 GiB" } },
  ],
  [
    "a file was damaged",
    [view([], { state: "damaged", damages: [damage(join("store", "a-1", "state.json"))] })],
    { key: "store-damaged", values: { file: "state.json.damaged-then" } },
  ],
  [
    "several files were damaged",
    [view([], { state: "damaged", damages: [damage("a.json"), damage("b.json"), damage("c.json")] })],
    { key: "store-damaged-many", values: { count: 3, file: "a.json.damaged-then" } },
  ],
  [
    "a file was damaged twice and kept aside once",
    [view([], { state: "damaged", damages: [damage("a.json"), damage("a.json")] })],
    { key: "store-damaged", values: { file: "a.json.damaged-then" } },
  ],
  [
    "a damaged file is still in its place",
    [view([], { state: "damaged", damages: [damage(IN_PLACE, IN_PLACE)] })],
    { key: "store-damaged-in-place", values: { file: "state.json" } },
  ],
  [
    "one of several damaged files is still in its place",
    [view([], { state: "damaged", damages: [damage("a.json"), damage(IN_PLACE, IN_PLACE)] })],
    { key: "store-damaged-in-place-many", values: { count: 2, file: "state.json" } },
  ],
  [
    "a store cannot be opened",
    [view([]), { ...view([]), state: { state: "failed", problem: new Error("in use") } }],
    { key: "store-failed", values: { problem: "in use" } },
  ],
];

describe("the status of webhook-send", () => {
  for (const [what, views, expected] of CASES) {
    it(`says when ${what}`, () => {
      const status = statusOf(...views);
      assert.deepEqual(status, expected);
      assert.ok(lookOf(status).fill);
      const words = catalogue["webhook-send"].status[status.key] ?? "";
      for (const name of Object.keys(status.values)) assert.ok(words.includes(`__${name}__`), `${name} in "${words}"`);
    });
  }

  it("does not mind a paused or disabled lane for which nothing waits", () => {
    assert.equal(statusOf(view([lane("a", paused(), 0), lane("b", { state: "held" }, 0)])).key, "idle");
  });

  it("does not mind a reason on our side for which nothing waits, or is held", () => {
    const held: LaneReport = { ...unsent("b", "no-secret", 2), lane: { state: "held" } };
    assert.equal(statusOf(view([unsent("a", "no-secret", 0)])).key, "idle");
    assert.equal(statusOf(view([held])).key, "disabled");
  });

  it("has words for each reason on our side", () => {
    assert.deepEqual(Object.keys(catalogue["webhook-send"].unsent).sort(), [...LOCAL_REASONS].sort());
  });
});
