import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";

/** The integration that a message is about: that of its webhook, else `msg.integration`; an id, or there also a slug. */
export function integrationNamedIn(msg: PlainObject): string | undefined {
  const { webhook, integration } = msg;
  const named = isPlainObject(webhook) ? webhook.integration : integration;
  return typeof named === "string" && named !== "" ? named : undefined;
}
