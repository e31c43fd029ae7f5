import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import { configured } from "../host/configuration";
import { hostOf } from "../host/host";
import { onClose, onInput } from "../host/input";
import { NodePipelines } from "../host/node-pipelines";
import { shownName } from "../host/shown-name";
import { StatusLine } from "../host/status-line";
import { watchPipelines } from "../host/watch-pipelines";
import type { Origin } from "../lib/delivery/outbox";
import { parseSealedIntegration } from "../lib/integration/parse-integration";
import { systemClock } from "../lib/time/clock";
import { parseWebhook } from "../lib/wire/parse-webhook";
import { carriedProperties, storableTopic } from "./carried-properties";
import { type CommandResult, readSendCommand, runSendCommand } from "./commands";
import { outcomeMessages } from "./outcome-message";
import { readSendSettings } from "./read-send-settings";
import { lookOf, type StoreView, sendStatus } from "./send-status";

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType("webhook-send", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    const settings = configured(RED, this, config, readSendSettings);
    if (settings === undefined) return;
    const pipelines = new NodePipelines(host);
    const status = new StatusLine(this, systemClock);
    const views = new Map<string, StoreView>();

    const showStatus = () => {
      const nameOf = (id: string) => shownName(host.integrations.get(id)?.spec.name ?? id);
      const now = sendStatus(views.values(), nameOf);
      status.show({ ...lookOf(now), text: RED._(`webhook-send.status.${now.key}`, now.values) });
    };

    const announce = (topic: string, { name, count }: CommandResult) => {
      const text = RED._(`webhook-send.done.${topic}`, { integration: shownName(name), count });
      status.announce({ fill: count > 0 ? "blue" : "grey", shape: "ring", text });
    };

    // Outcomes come from whichever store their message was accepted into, perhaps before a restart.
    const unwatch = watchPipelines(host.pipelines, {
      opened: ({ store, engine, outlets }, path) => {
        const update = (part: Partial<StoreView>) => {
          const view = views.get(path);
          if (view !== undefined) views.set(path, { ...view, ...part });
          showStatus();
        };
        const ends = [
          outlets.connect(this.id, (report) => this.send(outcomeMessages(report))),
          engine.onLanes((lanes) => update({ lanes })),
          store.onCondition((condition) => update({ condition })),
        ];
        return () => {
          for (const end of ends) end();
        };
      },
      changed: (path, state) => {
        if (state.state === "closed") views.delete(path);
        else {
          const open = state.state === "open" ? state.pipeline.store : null;
          views.set(path, { state, condition: open?.condition() ?? { state: "ok" }, lanes: open?.lanes() ?? [] });
        }
        showStatus();
      },
    });

    const originOf = (msg: NodeMessageInFlow): Origin => {
      const origin: Origin = { node: this.id, msgid: msg._msgid };
      const topic = storableTopic(msg.topic);
      const carry = carriedProperties(msg, settings.carry);
      if (topic !== undefined) origin.topic = topic;
      if (msg.parts !== undefined) origin.parts = msg.parts;
      if (carry !== undefined) origin.carry = carry;
      return origin;
    };

    onInput(this, async (msg) => {
      const command = readSendCommand(msg);
      if (command !== null) {
        const done = await runSendCommand({
          command,
          origin: originOf(msg),
          integrations: host.integrations,
          pipelines,
        });
        if (done !== null) announce(command.topic, done);
        return;
      }
      const { webhook, bodyText } = parseWebhook(msg.webhook);
      if (webhook.settings !== undefined) {
        webhook.settings = parseSealedIntegration(webhook.settings, "msg.webhook.settings");
      }
      const origin = originOf(msg);
      const { pipeline } = await pipelines.of(webhook.integration, webhook.settings);
      await pipeline.engine.accept(webhook, bodyText, origin);
    });

    onClose(this, async () => {
      await unwatch();
      await pipelines.release();
    });
  });
};
