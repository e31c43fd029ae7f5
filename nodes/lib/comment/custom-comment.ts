import type { CommentEvent } from "./comment-event";
import { readHeaders } from "./source-headers";
import { plainEvent } from "./sources/plain";

/** Where a sender may say what it calls a delivery. */
const DELIVERY_HEADERS = ["webhook-id", "x-github-delivery", "idempotency-key", "x-gitlab-event-uuid", "request-id"];

/**
 * Reads what a node's `mapping` made of a message: the plain form.
 *
 * @param mapped the JSONata expression's result
 * @param headers the request's, where the message has any
 * @throws InvalidFieldsError with every wrong field, written as a property of `mapping`
 */
export function readMappedComment(mapped: unknown, headers: Readonly<Record<string, unknown>>): CommentEvent {
  const found = readHeaders(headers);
  const delivery = DELIVERY_HEADERS.map((name) => found.get(name)).find((name) => name !== undefined);
  return plainEvent(mapped, "mapping", delivery ?? null);
}
