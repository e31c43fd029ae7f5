import type { Node, NodeAPI, NodeDef } from "node-red";
import { theIntegration } from "../host/command-target";
import { configured } from "../host/configuration";
import { hostOf } from "../host/host";
import { onClose, onInput } from "../host/input";
import { NodePipelines } from "../host/node-pipelines";
import type { Pipeline } from "../host/pipeline";
import { StatusLine } from "../host/status-line";
import { watchPipelines } from "../host/watch-pipelines";
import type { Notification } from "../lib/notify/notification";
import { Notifier } from "../lib/notify/notifier";
import { parseRecipients } from "../lib/notify/parse-mailer";
import { systemClock } from "../lib/time/clock";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { integrationFacts } from "./integration-facts";
import { readNotifySettings } from "./read-notify-settings";
import { toldStatus } from "./told-status";
import { readChange, writtenTransition } from "./written-transition";

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType("notify-owners", function (this: Node, config: NodeDef) {
    RED.nodes.createNode(this, config);
    const settings = configured(RED, this, config, (properties) => {
      const read = readNotifySettings(properties);
      if (read.mailer !== "" && host.mailers.get(read.mailer) === undefined) throw noMailer(read.mailer);
      return read;
    });
    if (settings === undefined) return;
    const pipelines = new NodePipelines(host);
    const status = new StatusLine(this, systemClock);
    const mailer = host.mailers.get(settings.mailer)?.create() ?? null;
    const notifiers = new Map<Pipeline, Notifier>();

    const give = (notification: Notification) => {
      const { kind, recipients, subject, text } = notification;
      const { key, count, ...look } = toldStatus(recipients, mailer !== null);
      status.show({ ...look, text: RED._(`notify-owners.status.${key}`, { kind, count }) });
      this.send({ topic: subject, payload: text, notification });
    };

    const fail = (error: Error) => {
      status.show({ fill: "red", shape: "ring", text: RED._("notify-owners.status.failed") });
      // With a message, since only then Catch nodes hear of it.
      this.error(error, { _msgid: RED.util.generateId(), topic: error.message });
    };

    const unwatch = watchPipelines(host.pipelines, {
      opened: (pipeline) => {
        const notifier = new Notifier({
          ...{ queue: pipeline.store, mailer, node: this.id, clock: systemClock, random: Math.random },
          ...{ kinds: settings.kinds, recipients: settings.recipients, baseUrl: settings.baseUrl },
          ...{ templates: settings.templates, digestDelayMs: settings.digestDelayMs },
          ...{ onNotification: give, onError: fail },
        });
        notifiers.set(pipeline, notifier);
        const callOff = host.cycle.whenRunning(() => {
          notifier.start().catch(fail);
        });
        return async () => {
          callOff();
          notifiers.delete(pipeline);
          await notifier.stop();
        };
      },
    });

    onInput(this, async (msg) => {
      const { integration: named, change } = readChange(msg);
      if (change === null) return;
      const integration = theIntegration(named, host.integrations);
      const { pipeline, spec } = await pipelines.of(integration);
      const transition = writtenTransition(await pipeline.store.state(integration), change);
      const owners = [...(spec?.owners ?? []), ...parseRecipients(msg.owners, "msg.owners")];
      const waiting = pipeline.store.lanes().find((lane) => lane.integration === integration)?.waiting ?? 0;
      const facts = integrationFacts(integration, spec, waiting);
      await notifiers.get(pipeline)?.notify({ integration: facts, owners, transition });
    });

    onClose(this, async () => {
      await unwatch();
      await mailer?.close();
      await pipelines.release();
    });
  });
};

function noMailer(mailer: string): InvalidFieldsError {
  const expected = "the id of a deployed owner-mailer node that works, or nothing";
  return new InvalidFieldsError("notify owners", [
    { field: "notify-owners.mailer", value: quoteValue(mailer), expected },
  ]);
}
