import type { NodeMessage } from "node-red";
import { refusedCommand, theIntegration, unknownTarget } from "../host/command-target";
import type { Integrations } from "../host/integrations";
import type { NodePipelines } from "../host/node-pipelines";
import type { Origin } from "../lib/delivery/outbox";
import { parseReplayFilter, type ReplayFilter } from "../lib/delivery/replay-filter";
import type { Store } from "../lib/store/store";

/** What a message can ask of webhook-send instead of sending a webhook. */
export type SendCommand = { integration: string } & (
  | { topic: "test" }
  | { topic: "discard" }
  | { topic: "redeliver"; filter: ReplayFilter }
);

/**
 * A command is a message with `msg.integration` and with neither `msg.webhook` nor `msg.delivery`. Null if it is none.
 *
 * @throws InvalidFieldsError if it is one and its topic or filter is wrong
 */
export function readSendCommand(msg: NodeMessage): SendCommand | null {
  const { integration, topic, webhook, delivery, filter } = msg;
  if (integration === undefined || webhook !== undefined || delivery !== undefined) return null;
  if (typeof integration !== "string" || integration === "") {
    throw refusedCommand("msg.integration", integration, "an integration's id or slug");
  }
  switch (topic) {
    case "test":
    case "discard":
      return { integration, topic };
    case "redeliver":
      return { integration, topic, filter: parseReplayFilter(filter) };
    default:
      throw refusedCommand("msg.topic", topic, '"test", "redeliver" or "discard"');
  }
}

/** What a command did at once, before anything leaves through the ports. */
export interface CommandResult {
  /** Of the integration. */
  name: string;
  /** How many webhooks are sent again, or were given up. */
  count: number;
}

/**
 * Resolves when the command is accepted; what comes of it leaves through the ports like any other outcome. With null for
 * a test, of which there is always one.
 */
export async function runSendCommand({
  command,
  origin,
  integrations,
  pipelines,
}: {
  command: SendCommand;
  origin: Origin;
  integrations: Integrations;
  pipelines: NodePipelines;
}): Promise<CommandResult | null> {
  const integration = theIntegration(command.integration, integrations);
  const { pipeline, spec } = await pipelines.of(integration);
  if (spec === undefined && (command.topic === "test" || !(await isKnown(integration, pipeline.store)))) {
    throw unknownTarget(integration);
  }
  const { engine } = pipeline;
  const name = spec?.name ?? integration;
  switch (command.topic) {
    case "test":
      await engine.test(integration, origin);
      return null;
    case "discard":
      return { name, count: await engine.discard(integration) };
    case "redeliver":
      return { name, count: await engine.redeliver(integration, command.filter) };
  }
}

/** Of one that is not deployed any more there may be webhooks left to discard or to send again. */
async function isKnown(integration: string, store: Store): Promise<boolean> {
  if (store.lanes().some((lane) => lane.integration === integration)) return true;
  return (await store.integrations()).includes(integration);
}
