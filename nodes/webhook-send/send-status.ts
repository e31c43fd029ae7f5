import type { NodeStatus } from "node-red";
import { clockTime } from "../host/clock-time";
import type { PipelineState } from "../host/pipelines";
import type { LaneReport } from "../lib/delivery/outbox";
import type { StoreCondition } from "../lib/store/store";

/** What webhook-send's status says, by what matters most to a flow author. */
export type SendStatus =
  | { key: "store-failed"; values: { problem: string } }
  | { key: "store-unwritable"; values: { problem: string } }
  | { key: "store-full"; values: { problem: string } }
  | { key: "store-damaged"; values: { file: string } }
  | { key: "paused"; values: { integration: string; until: string; waiting: number } }
  | { key: "paused-many"; values: { count: number; until: string; waiting: number } }
  | { key: "sending"; values: { inFlight: number; waiting: number } }
  | { key: "waiting"; values: { waiting: number } }
  | { key: "disabled"; values: { integration: string; waiting: number } }
  | { key: "disabled-many"; values: { count: number; waiting: number } }
  | { key: "unconfigured"; values: { integration: string; waiting: number } }
  | { key: "idle"; values: Record<string, never> };

/** What is known of one store. */
export interface StoreView {
  state: PipelineState;
  condition: StoreCondition;
  lanes: readonly LaneReport[];
}

/**
 * Sums up all stores that a node may use.
 *
 * @param nameOf the name of an integration, or its id
 */
export function sendStatus(views: Iterable<StoreView>, nameOf: (integration: string) => string): SendStatus {
  const lanes: LaneReport[] = [];
  for (const view of views) {
    const trouble = troubleOf(view);
    if (trouble !== null) return trouble;
    lanes.push(...view.lanes);
  }
  return pausedStatus(lanes, nameOf) ?? busyStatus(lanes) ?? restingStatus(lanes, nameOf);
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
      return { key: "store-damaged", values: { file: condition.file } };
  }
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
  const open = lanes.filter(({ lane }) => lane.state === "open");
  const inFlight = sum(lanes, (lane) => lane.inFlight);
  const waiting = sum(open, (lane) => lane.waiting);
  if (inFlight > 0) return { key: "sending", values: { inFlight, waiting } };
  return waiting > 0 ? { key: "waiting", values: { waiting } } : null;
}

function restingStatus(lanes: readonly LaneReport[], nameOf: (id: string) => string): SendStatus {
  const held = lanes.filter(({ lane, waiting }) => lane.state === "held" && waiting > 0);
  const [first] = held;
  const waiting = sum(held, (lane) => lane.waiting);
  if (first !== undefined) {
    return held.length === 1
      ? { key: "disabled", values: { integration: nameOf(first.integration), waiting } }
      : { key: "disabled-many", values: { count: held.length, waiting } };
  }
  const lost = lanes.find((report) => report.lane.state === "unconfigured" && report.waiting > 0);
  return lost === undefined
    ? { key: "idle", values: {} }
    : { key: "unconfigured", values: { integration: nameOf(lost.integration), waiting: lost.waiting } };
}

const LOOKS: Readonly<Record<SendStatus["key"], Pick<NodeStatus, "fill" | "shape">>> = {
  "store-failed": { fill: "red", shape: "ring" },
  "store-unwritable": { fill: "red", shape: "ring" },
  "store-full": { fill: "red", shape: "ring" },
  "store-damaged": { fill: "red", shape: "ring" },
  paused: { fill: "yellow", shape: "ring" },
  "paused-many": { fill: "yellow", shape: "ring" },
  sending: { fill: "blue", shape: "dot" },
  waiting: { fill: "blue", shape: "ring" },
  disabled: { fill: "grey", shape: "ring" },
  "disabled-many": { fill: "grey", shape: "ring" },
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
