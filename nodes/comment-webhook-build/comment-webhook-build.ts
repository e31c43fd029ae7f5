import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from "node-red";
import { configured } from "../host/configuration";
import { hostOf } from "../host/host";
import { onInput } from "../host/input";
import { visibleFrom } from "../host/scope";
import { StatusLine } from "../host/status-line";
import type { CommentEvent } from "../lib/comment/comment-event";
import type { IntegrationSpec, SealedIntegration } from "../lib/integration/integration-spec";
import { subscribes } from "../lib/integration/subscription";
import { systemClock } from "../lib/time/clock";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { pooledRandomBytes } from "../lib/wire/pooled-random-bytes";
import type { Webhook } from "../lib/wire/webhook";
import { webhookBody } from "../lib/wire/webhook-body";
import { webhookId } from "../lib/wire/webhook-id";
import { type Intake, incomingComment } from "./incoming-comment";
import { mappingOf } from "./mapping";
import { readMessageIntegrations } from "./message-integrations";
import { type BuildSettings, readBuildSettings } from "./read-build-settings";
import { Subscribers } from "./subscribers";

export = (RED: NodeAPI): void => {
  const host = hostOf(RED);

  RED.nodes.registerType(
    "comment-webhook-build",
    function (this: Node<{ sourceSecret: unknown }>, config: NodeDef) {
      RED.nodes.createNode(this, config);
      const configuration = configured(RED, this, config, (properties): [BuildSettings, Intake] => {
        const settings = readBuildSettings(properties, this.credentials);
        const { source, mapping, sourceSecret } = settings;
        const prepared = source === "custom" ? mappingOf(RED, this, mapping, systemClock) : null;
        return [settings, { source, mapping: prepared, sourceSecret, clock: systemClock }];
      });
      if (configuration === undefined) return;
      const [settings, intake] = configuration;
      const isVisible = visibleFrom(this);
      const status = new StatusLine(this, systemClock);

      const subscribers = new Subscribers(settings.organization);

      /** Those that the message goes to: also one that was chosen or given may not want such events. */
      const addressees = (event: CommentEvent, given: unknown): readonly (IntegrationSpec | SealedIntegration)[] => {
        switch (settings.target) {
          case "msg":
            return readMessageIntegrations(given, host).filter((spec) => subscribes(spec, event));
          case "one":
            return [chosen()].filter((spec) => subscribes(spec, event));
          case "subscribed":
            return subscribers.of(event, host.integrations.visible(isVisible));
        }
      };

      const chosen = (): IntegrationSpec => {
        const integration = host.integrations.get(settings.integration);
        if (integration !== undefined) return integration.spec;
        throw new InvalidFieldsError("comment-webhook-build", [
          {
            field: "comment-webhook-build.integration",
            value: quoteValue(settings.integration),
            expected: "the id of a deployed webhook-integration node that works",
          },
        ]);
      };

      onInput(this, async (msg, send) => {
        const given = msg.integrations;
        // They hold secrets: from here on no message has them, neither the built ones nor those for Catch and Complete.
        if (settings.target === "msg") delete msg.integrations;
        const event = await incomingComment(msg, intake);
        const webhooks = addressees(event, given).map((spec): Webhook => {
          const webhook: Webhook = {
            id: webhookId(event.sourceDeliveryId, pooledRandomBytes),
            event: event.type,
            integration: spec.id,
            orderKey: String(event.comment.id),
            body: webhookBody(event, spec),
          };
          if ("sealedSecrets" in spec) webhook.settings = spec;
          return webhook;
        });
        status.show(() =>
          webhooks.length === 0
            ? { fill: "grey", shape: "ring", text: RED._("comment-webhook-build.status.none", { event: event.type }) }
            : {
                fill: "green",
                shape: "dot",
                text: RED._("comment-webhook-build.status.built", { event: event.type, count: webhooks.length }),
              },
        );
        if (webhooks.length > 0) send([sequence(RED, msg, webhooks)]);
      });
    },
    { credentials: { sourceSecret: { type: "password" } } },
  );
};

/** One message per webhook, as the split node numbers them: Join puts their outcomes together. */
function sequence(RED: NodeAPI, msg: NodeMessageInFlow, webhooks: readonly Webhook[]): NodeMessage[] {
  const { parts: outer } = msg;
  const id = RED.util.generateId();
  return webhooks.map((webhook, index) => {
    // The last one may have the message's own properties; `req` and `res` are never copied.
    const copy: NodeMessage = index === webhooks.length - 1 ? { ...msg } : RED.util.cloneMessage(msg);
    const parts = { id, type: "array", count: webhooks.length, len: 1, index, ...(outer && { parts: outer }) };
    return { ...copy, _msgid: RED.util.generateId(), parts, webhook };
  });
}
