import type { Node, NodeAPI, NodeDef } from "node-red";
import { clockTime } from "../host/clock-time";
import { theIntegration } from "../host/command-target";
import { configured } from "../host/configuration";
import { hostOf } from "../host/host";
import { onClose, onInput } from "../host/input";
import { integrationNamedIn } from "../host/message-integration";
import { NodePipelines } from "../host/node-pipelines";
import { shownName } from "../host/shown-name";
import { StatusLine } from "../host/status-line";
import { healthOf } from "../lib/health/health-message";
import type { FailureGroup } from "../lib/health/integration-ledger";
import { systemClock } from "../lib/time/clock";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { isPlainObject } from "../lib/validation/plain-object";
import { foreignAttempt } from "./foreign-attempt";
import { foreignDelivery } from "./foreign-delivery";

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType("error-tracker", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    if (configured(RED, this, config, (properties) => properties) === undefined) return;
    const pipelines = new NodePipelines(host);
    const status = new StatusLine(this, systemClock);

    onInput(this, async (msg, send) => {
      const integration = theIntegration(named(msg), host.integrations);
      const { pipeline, spec } = await pipelines.of(integration);
      const nowMs = systemClock.now();
      if (!isCounted(msg.delivery)) {
        if (spec === undefined) throw unknown(integration);
        const attempt = foreignAttempt(msg, { integration, nowMs, newId: RED.util.generateId });
        const { generation } = await pipeline.store.countForeign(attempt);
        msg.delivery = foreignDelivery(attempt, generation);
        if (msg.webhook === undefined) msg.integration = integration;
      }
      const state = await pipeline.store.state(integration);
      msg.health = healthOf(state, nowMs);
      const group = openedGroup(state.groups, msg.delivery);
      if (group !== undefined) {
        const name = shownName(spec?.name ?? integration);
        const values = { integration: name, reason: group.reason, time: clockTime(group.lastSeen) };
        status.show({ fill: "yellow", shape: "ring", text: RED._("error-tracker.status.new", values) });
      }
      send([msg, group === undefined ? null : msg]);
    });

    onClose(this, () => pipelines.release());
  });
};

function named(msg: Readonly<Record<string, unknown>>): string {
  const integration = integrationNamedIn(msg);
  if (integration !== undefined) return integration;
  throw new InvalidFieldsError("outcome", [
    {
      field: "msg.webhook.integration",
      value: quoteValue(isPlainObject(msg.webhook) ? msg.webhook.integration : undefined),
      expected: "the id of an integration, as webhook-send gives it, or msg.integration with an id or a slug",
    },
  ]);
}

function unknown(integration: string): InvalidFieldsError {
  return new InvalidFieldsError("outcome", [
    {
      field: "msg.integration",
      value: quoteValue(integration),
      expected: "the id or slug of a deployed webhook-integration node, under which the attempt is counted",
    },
  ]);
}

/** Whether the write that settled the attempt has counted it, or there was none. */
function isCounted(delivery: unknown): boolean {
  return isPlainObject(delivery) && delivery.attemptId !== undefined;
}

/** The group of failures that this attempt opened: it is news. */
function openedGroup(groups: readonly FailureGroup[], delivery: unknown): FailureGroup | undefined {
  if (!isPlainObject(delivery) || typeof delivery.attemptId !== "string") return undefined;
  return groups.find((group) => group.openedBy === delivery.attemptId);
}
