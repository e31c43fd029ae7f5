import { basename } from "node:path";
import type { NodeStatus } from "node-red";
import { clockTime } from "../host/clock-time";
import type { PipelineState } from "../host/pipelines";
import type { LocalReason } from "../lib/delivery/attempt";
import type { LaneReport } from "../lib/delivery/outbox";
import type { Damage, StoreCondition } from "../lib/store/store";

/** What webhook-send's status says, by what matters most to a flow author. */
export type SendStatus =
  | { key: "store-failed"; values: { problem: string } }
  | { key: "store-unwritable"; values: { problem: string } }
  | { key: "store-full"; values: { problem: string } }
  | { key: "store-damaged"; values: { file: string } }
  | { key: "store-damaged-many"; values: { count: number; file: string } }
  | { key: "store-damaged-in-place"; values: { file: string } }
  | { key: "store-damaged-in-place-many"; values: { count: number; file: string } }
  | { key: "unsent"; values: { integration: string; reason: LocalReason; waiting: number } }
  | { key: "unsent-many"; values: { count: number; reason: LocalReason; waiting: number } }
  | { key: "paused"; values: { integration: string; until: string; waiting: number } }
  | { key: "paused-many"; values: { count: number; until: string; waiting: number } }
  | { key: "sending"; values: { inFlight: number; waiting: number } }
  | { key: "waiting"; values: { waiting: number } }
  | { key: "disabled"; values: { integration: string; waiting: number } }
  | { key: "disabled-many"; values: { count: number; waiting: number } }
  | { key: "disabled-idle"; values: { integration: string } }
  | { key: "disabled-idle-many"; values: { count: number } }
  | { key: "unconfigured"; values: { integration: string; waiting: number } }
  | { key: "idle"; values: Record<string, never> };

/** What is known of one store. */
export interface StoreView {
  state: PipelineState;
  condition: StoreCondition;
  lanes: readonly LaneReport[];
  /** Integrations that are disabled, whether something waits for them or not. */
  disabled: readonly string[];
}

/**
 * Sums up all stores that a node may use.
 *
 * @param nameOf the name of an integration, or its id
 */
export function sendStatus(views: Iterable<StoreView>, nameOf: (integration: string) => string): SendStatus {
  const lanes: LaneReport[] = [];
  const disabled: string[] = [];
  for (const view of views) {
    const trouble = troubleOf(view);
    if (trouble !== null) return trouble;
    lanes.push(...view.lanes);
    disabled.push(...view.disabled);
  }
  return (
    unsentStatus(lanes, nameOf) ??
    pausedStatus(lanes, nameOf) ??
    busyStatus(lanes) ??
    heldStatus(lanes, disabled, nameOf) ??
    unconfiguredStatus(lanes, nameOf) ??
    disabledStatus(disabled, nameOf) ?? { key: "idle", values: {} }
  );
}

function troubleOf({ state, condition }: StoreView): SendStatus | null {
  if (state.state === "failed") return { key: "store-failed", values: { problem: state.problem.message } };
  switch (condition.state) {
    case "ok":
      return null;
    case "unwritable":
      return { key: "store-unwritable", values: { problem: condition.problem } };
    case "full":
      return { key: "store-full", values: { problem: condition.problem } };
    case "damaged":
      return damagedStatus(condition.damages);
  }
}

/** Files that were kept aside may be deleted, and are called so; not while one of them is still in its place. */
function damagedStatus(damages: readonly [Damage, ...Damage[]]): SendStatus {
  const count = new Set(damages.map(({ keptAs }) => keptAs)).size;
  const inPlace = damages.find(({ file, keptAs }) => keptAs === file);
  const file = basename((inPlace ?? damages[0]).keptAs);
  if (inPlace === undefined) {
    return count === 1
      ? { key: "store-damaged", values: { file } }
      : { key: "store-damaged-many", values: { count, file } };
  }
  return count === 1
    ? { key: "store-damaged-in-place", values: { file } }
    : { key: "store-damaged-in-place-many", values: { count, file } };
}

/** What must be mended by a person comes first. */
const LOCAL_REASONS_BY_WEIGHT = ["no-secret", "blocked-address", "local-network", "local-dns", "proxy"] as const;

function unsentStatus(lanes: readonly LaneReport[], nameOf: (id: string) => string): SendStatus | null {
  const open = waitingOpen(lanes);
  for (const reason of LOCAL_REASONS_BY_WEIGHT) {
    const unsent = open.filter(({ localReason }) => localReason === reason);
    const [first] = unsent;
    if (first === undefined) continue;
    const waiting = sum(unsent, (lane) => lane.waiting);
    return unsent.length === 1
      ? { key: "unsent", values: { integration: nameOf(first.integration), reason, waiting } }
      : { key: "unsent-many", values: { count: unsent.length, reason, waiting } };
  }
  return null;
}

/** What is held or not deployed is not tried in any case. */
function waitingOpen(lanes: readonly LaneReport[]): LaneReport[] {
  return lanes.filter(({ lane, waiting }) => lane.state === "open" && waiting > 0);
}

function pausedStatus(lanes: readonly LaneReport[], nameOf: (id: string) => string): SendStatus | null {
  const paused = lanes.flatMap(({ integration, lane, waiting }) =>
    lane.state === "paused" && waiting > 0 ? [{ integration, until: lane.until, waiting }] : [],
  );
  const [first] = paused;
  if (first === undefined) return null;
  const waiting = sum(paused, (lane) => lane.waiting);
  const until = clockTime(paused.reduce((earliest, lane) => Math.min(earliest, lane.until), first.until));
  return paused.length === 1
    ? { key: "paused", values: { integration: nameOf(first.integration), until, waiting } }
    : { key: "paused-many", values: { count: paused.length, until, waiting } };
}

function busyStatus(lanes: readonly LaneReport[]): SendStatus | null {
  const inFlight = sum(lanes, (lane) => lane.inFlight);
  const waiting = sum(waitingOpen(lanes), (lane) => lane.waiting);
  if (inFlight > 0) return { key: "sending", values: { inFlight, waiting } };
  return waiting > 0 ? { key: "waiting", values: { waiting } } : null;
}

function heldStatus(
  lanes: readonly LaneReport[],
  disabled: readonly string[],
  nameOf: (id: string) => string,
): SendStatus | null {
  const held = lanes.filter(({ lane, waiting }) => lane.state === "held" && waiting > 0);
  const [first] = held;
  if (first === undefined) return null;
  const waiting = sum(held, (lane) => lane.waiting);
  const count = new Set([...disabled, ...held.map(({ integration }) => integration)]).size;
  return count === 1
    ? { key: "disabled", values: { integration: nameOf(first.integration), waiting } }
    : { key: "disabled-many", values: { count, waiting } };
}

function unconfiguredStatus(lanes: readonly LaneReport[], nameOf: (id: string) => string): SendStatus | null {
  const lost = lanes.find(({ lane, waiting }) => lane.state === "unconfigured" && waiting > 0);
  if (lost === undefined) return null;
  return { key: "unconfigured", values: { integration: nameOf(lost.integration), waiting: lost.waiting } };
}

function disabledStatus(disabled: readonly string[], nameOf: (id: string) => string): SendStatus | null {
  const [first] = disabled;
  if (first === undefined) return null;
  return disabled.length === 1
    ? { key: "disabled-idle", values: { integration: nameOf(first) } }
    : { key: "disabled-idle-many", values: { count: disabled.length } };
}

const LOOKS: Readonly<Record<SendStatus["key"], Pick<NodeStatus, "fill" | "shape">>> = {
  "store-failed": { fill: "red", shape: "ring" },
  "store-unwritable": { fill: "red", shape: "ring" },
  "store-full": { fill: "red", shape: "ring" },
  "store-damaged": { fill: "red", shape: "ring" },
  "store-damaged-many": { fill: "red", shape: "ring" },
  "store-damaged-in-place": { fill: "red", shape: "ring" },
  "store-damaged-in-place-many": { fill: "red", shape: "ring" },
  unsent: { fill: "yellow", shape: "ring" },
  "unsent-many": { fill: "yellow", shape: "ring" },
  paused: { fill: "yellow", shape: "ring" },
  "paused-many": { fill: "yellow", shape: "ring" },
  sending: { fill: "blue", shape: "dot" },
  waiting: { fill: "blue", shape: "ring" },
  disabled: { fill: "grey", shape: "ring" },
  "disabled-many": { fill: "grey", shape: "ring" },
  "disabled-idle": { fill: "grey", shape: "ring" },
  "disabled-idle-many": { fill: "grey", shape: "ring" },
  unconfigured: { fill: "grey", shape: "ring" },
  idle: { fill: "green", shape: "dot" },
};

/** Colour and shape of a status. */
export function lookOf(status: SendStatus): Pick<NodeStatus, "fill" | "shape"> {
  return LOOKS[status.key];
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
