import { check } from "../../validation/check";
import { isPlainObject, ownProperty, type PlainObject, plainObject } from "../../validation/plain-object";
import type { CommentEvent } from "../comment-event";
import { commentText, identifier, label, personName, timestamp } from "../comment-fields";
import { PAYLOAD_PATH, refused } from "../payload";
import type { SourceHeaders } from "../source-headers";
import { action } from "./plain";

const SENTRY_COMMENT = plainObject({
  action,
  data: plainObject({
    comment: commentText,
    comment_id: identifier,
    issue_id: identifier,
    project_slug: label,
    timestamp,
  }),
  actor: plainObject({ type: label, id: identifier, name: personName }),
});

/** Properties of `data` by which webhooks about something else are known without their header. */
const OTHER_RESOURCES = ["issue", "error", "event", "metric_alert", "issue_alert", "installation", "preprod_artifact"];

/**
 * Reads the comment webhook of Sentry's integration platform (docs.sentry.io, "Integration Platform", "Webhooks",
 * "Comments").
 *
 * @throws InvalidFieldsError with every wrong field, or naming the resource if it is another webhook
 */
export function readSentryComment(payload: PlainObject, headers: SourceHeaders): CommentEvent {
  refuseOtherResources(payload, headers);
  const {
    action: type,
    data,
    actor,
  } = check(SENTRY_COMMENT, payload, { subject: "Sentry comment", path: PAYLOAD_PATH });
  return {
    type,
    comment: { id: data.comment_id, text: data.comment },
    issue: { id: data.issue_id },
    project: { slug: data.project_slug },
    actor,
    timestamp: data.timestamp,
    sourceDeliveryId: headers.get("request-id") ?? null,
  };
}

function refuseOtherResources(payload: PlainObject, headers: SourceHeaders): void {
  const resource = headers.get("sentry-hook-resource");
  if (resource === "comment") return;
  if (resource !== undefined) throw refused("the Sentry-Hook-Resource header", resource, 'Sentry\'s "comment" webhook');
  const data = ownProperty(payload, "data");
  if (!isPlainObject(data)) return;
  const other = OTHER_RESOURCES.find((key) => isPlainObject(ownProperty(data, key)));
  if (other !== undefined) throw refused(PAYLOAD_PATH, `Sentry ${other} webhook`, 'Sentry\'s "comment" webhook');
}
