import type { CommentEventType } from "../../integration/integration-spec";
import { check } from "../../validation/check";
import { type PlainObject, plainObject } from "../../validation/plain-object";
import { readAs } from "../../validation/read-as";
import type { CommentEvent } from "../comment-event";
import { commentText, identifier, label, personName, timestamp } from "../comment-fields";
import { PAYLOAD_PATH } from "../payload";
import type { SourceHeaders } from "../source-headers";

const TYPES: ReadonlyMap<unknown, CommentEventType> = new Map([
  ["created", "comment.created"],
  ["updated", "comment.updated"],
  ["deleted", "comment.deleted"],
]);

/** `created`, `updated` or `deleted`, as the type of event. */
export const action = readAs((value) => TYPES.get(value), '"created", "updated" or "deleted"');

const PLAIN = plainObject({
  action,
  comment: plainObject({ id: identifier, text: commentText }),
  issue: plainObject({ id: identifier }),
  project: plainObject({ slug: label }),
  actor: plainObject({ type: label, id: identifier, name: personName }),
  timestamp,
});

/**
 * Reads the plain form of a comment event:
 * `{action, comment:{id, text}, issue:{id}, project:{slug}, actor:{type, id, name}, timestamp}`. All of it is required.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function readPlainComment(payload: PlainObject, headers: SourceHeaders): CommentEvent {
  return plainEvent(payload, PAYLOAD_PATH, deliveryName(headers));
}

/**
 * @param path where the plain form stands, for errors
 * @param delivery what the request is called by its sender, or null
 */
export function plainEvent(value: unknown, path: string, delivery: string | null): CommentEvent {
  const {
    action: type,
    comment,
    issue,
    project,
    actor,
    timestamp,
  } = check(PLAIN, value, {
    subject: "comment event",
    path,
  });
  // One request may have carried several comments, which a flow took apart: they must not pass for one another.
  const sourceDeliveryId = delivery === null ? null : `${delivery}/${comment.id}/${type}/${timestamp}`;
  return { type, comment, issue, project, actor, timestamp, sourceDeliveryId };
}

/** What a sender without a form of its own calls a delivery: Standard Webhooks' header, or the one drafted for HTTP. */
function deliveryName(headers: SourceHeaders): string | null {
  return headers.get("webhook-id") ?? headers.get("idempotency-key") ?? null;
}
