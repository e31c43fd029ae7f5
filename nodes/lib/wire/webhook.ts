import type { SealedIntegration, WebhookEventType } from "../integration/integration-spec";

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** `msg.webhook`: all that webhook-send needs to send one event to one integration. */
export interface Webhook {
  /** `"msg_"` + letters and digits; the same on every retry. Accepting is idempotent on (integration, id). */
  id: string;
  event: WebhookEventType;
  /** The config node's id, or the id given in `msg.integrations`. */
  integration: string;
  /** Deliveries of one integration with the same key leave in order. */
  orderKey: string;
  body: JsonObject;
  /** Only for integrations given in messages. */
  settings?: SealedIntegration;
}
