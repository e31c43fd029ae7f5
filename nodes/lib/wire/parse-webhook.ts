import { COMMENT_EVENTS, type SealedIntegration, type WebhookEventType } from "../integration/integration-spec";
import { type InvalidField, InvalidFieldsError, quoteValue } from "../validation/invalid-fields-error";
import { isPlainObject, ownProperty } from "../validation/plain-object";
import { freezeBody } from "./freeze-body";
import type { Webhook } from "./webhook";

const SUBJECT = "webhook";
const PATH = "msg.webhook";
const LONGEST_NAME = 256;
const WEBHOOK_ID = /^msg_[A-Za-z0-9]{1,128}$/;
const EVENTS: ReadonlySet<unknown> = new Set<WebhookEventType>([...COMMENT_EVENTS, "webhook.test"]);

/** A webhook that may be accepted, and the text of its body as it will be sent. */
export interface ParsedWebhook {
  webhook: Webhook;
  bodyText: string;
}

/**
 * Reads `msg.webhook` as it reaches webhook-send: a function node may have changed it on the way. `settings` is only
 * looked at for belonging to the webhook; `parseSealedIntegration` reads it.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function parseWebhook(value: unknown): ParsedWebhook {
  if (!isPlainObject(value)) {
    throw new InvalidFieldsError(SUBJECT, [
      { field: PATH, value: quoteValue(value), expected: "an object, as comment-webhook-build makes it" },
    ]);
  }
  const id = ownProperty(value, "id");
  const event = ownProperty(value, "event");
  const integration = ownProperty(value, "integration");
  const orderKey = ownProperty(value, "orderKey");
  const settings = ownProperty(value, "settings");
  const body = freezeBody(ownProperty(value, "body"), `${PATH}.body`);
  if (
    isWebhookId(id) &&
    isEvent(event) &&
    isName(integration) &&
    isName(orderKey) &&
    (settings === undefined || isSettingsOf(settings, integration)) &&
    "text" in body
  ) {
    const webhook: Webhook = { id, event, integration, orderKey, body: body.object };
    if (settings !== undefined) webhook.settings = settings;
    return { webhook, bodyText: body.text };
  }
  throw new InvalidFieldsError(SUBJECT, [
    ...wrongNames({ id, event, integration, orderKey }),
    ...(settings === undefined || isSettingsOf(settings, integration)
      ? []
      : [
          {
            field: `${PATH}.settings`,
            value: "(hidden)",
            expected: "the settings of the integration in msg.webhook.integration, as comment-webhook-build made them",
          },
        ]),
    ...("text" in body ? [] : [body]),
  ]);
}

function wrongNames(fields: Record<"id" | "event" | "integration" | "orderKey", unknown>): InvalidField[] {
  const checks: [keyof typeof fields, (value: unknown) => boolean, string][] = [
    ["id", isWebhookId, '"msg_" followed by at most 128 letters and digits'],
    ["event", isEvent, [...EVENTS].join(", ").replace(/, ([^,]*)$/, " or $1")],
    ["integration", isName, `an integration's id: a text of 1 to ${LONGEST_NAME} characters`],
    ["orderKey", isName, `the comment's id: a text of 1 to ${LONGEST_NAME} characters`],
  ];
  return checks
    .filter(([key, isRight]) => !isRight(fields[key]))
    .map(([key, , expected]) => ({ field: `${PATH}.${key}`, value: quoteValue(fields[key]), expected }));
}

function isWebhookId(value: unknown): value is string {
  return typeof value === "string" && WEBHOOK_ID.test(value);
}

function isEvent(value: unknown): value is WebhookEventType {
  return EVENTS.has(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_NAME;
}

function isSettingsOf(value: unknown, integration: unknown): value is SealedIntegration {
  return isPlainObject(value) && ownProperty(value, "id") === integration;
}
