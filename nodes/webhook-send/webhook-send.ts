import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import { configured } from "../host/configuration";
import { hostOf } from "../host/host";
import { onClose, onInput } from "../host/input";
import { NodePipelines } from "../host/node-pipelines";
import { shownName } from "../host/shown-name";
import { StatusLine } from "../host/status-line";
import { usableEntries } from "../host/usable-entries";
import { watchPipelines } from "../host/watch-pipelines";
import type { LocalReason } from "../lib/delivery/attempt";
import type { Origin } from "../lib/delivery/outbox";
import type { StatusBoard } from "../lib/health/status-board";
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
      const values = "reason" in now.values ? { ...now.values, reason: inWords(now.values.reason) } : now.values;
      status.show({ ...lookOf(now), text: RED._(`webhook-send.status.${now.key}`, values) });
    };
    const inWords = (reason: LocalReason) => RED._(`webhook-send.unsent.${reason}`);
    const disabledOn = (board: StatusBoard) =>
      usableEntries(this, board, host.integrations).flatMap(({ integration, real }) =>
        real.status === "disabled" ? [integration] : [],
      );

    const announce = (topic: string, { name, count }: CommandResult) => {
      const text = RED._(`webhook-send.done.${topic}`, { integration: shownName(name), count });
      status.announce({ fill: count > 0 ? "blue" : "grey", shape: "ring", text });
    };

    // Outcomes come from whichever store their message was accepted into, perhaps before a restart.
    const unwatch = watchPipelines(host.pipelines, {
      opened: ({ store, engine, outlets, board }, path) => {
        const update = (part: Partial<StoreView>) => {
          const view = views.get(path);
          if (view !== undefined) views.set(path, { ...view, ...part });
          showStatus();
        };
        const ends = [
          outlets.connect(this.id, (report) => this.send(outcomeMessages(report))),
          engine.onLanes((lanes) => update({ lanes })),
          store.onCondition((condition) => update({ condition })),
          board.listen(() => update({ disabled: disabledOn(board) })),
        ];
        return () => {
          for (const end of ends) end();
        };
      },
      changed: (path, state) => {
        if (state.state === "closed") views.delete(path);
        else {
          const open = state.state === "open" ? state.pipeline : null;
          views.set(path, {
            state,
            condition: open?.store.condition() ?? { state: "ok" },
            lanes: open?.store.lanes() ?? [],
            disabled: open === null ? [] : disabledOn(open.board),
          });
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
