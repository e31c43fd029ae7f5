import * as v from "valibot";
import type { CommentEventType } from "../../integration/integration-spec";
import { check } from "../../validation/check";
import { isPlainObject, ownProperty, type PlainObject, plainObject } from "../../validation/plain-object";
import { readAs } from "../../validation/read-as";
import type { CommentEvent } from "../comment-event";
import { commentText, identifier, label, personName, timestamp } from "../comment-fields";
import { PAYLOAD_PATH, refused } from "../payload";
import type { SourceHeaders } from "../source-headers";

const NOTE_HOOK = "Note Hook";

/** Before GitLab 16.11 there was no `action`, and only new notes were sent. */
const ACTIONS: ReadonlyMap<unknown, CommentEventType> = new Map([
  [undefined, "comment.created"],
  ["create", "comment.created"],
  ["update", "comment.updated"],
]);

/** GitLab writes these of what nobody typed, e.g. "changed the description". */
const notSystem = readAs((value) => (value === true ? undefined : true), "a note that a person wrote: false");

const COMMON = {
  id: identifier,
  note: commentText,
  action: readAs((value) => ACTIONS.get(value), '"create" or "update"'),
  created_at: timestamp,
  updated_at: timestamp,
  system: notSystem,
};

const NOTE_ON_COMMIT = plainObject({
  ...COMMON,
  noteable_type: v.literal("Commit"),
  commit_id: label,
});

const NOTE_ON_RECORD = plainObject({
  ...COMMON,
  noteable_type: v.picklist(["Issue", "MergeRequest", "Snippet"], '"Issue", "MergeRequest", "Commit" or "Snippet"'),
  noteable_id: identifier,
});

const ENVELOPE = {
  user: plainObject({ id: identifier, name: personName }),
  project: plainObject({ path_with_namespace: label }),
};

const COMMIT_HOOK = plainObject({ ...ENVELOPE, object_attributes: NOTE_ON_COMMIT });
const RECORD_HOOK = plainObject({ ...ENVELOPE, object_attributes: NOTE_ON_RECORD });

/**
 * Reads GitLab's note hook (docs.gitlab.com, "Webhook events", "Comment events") about an issue, merge request, commit or
 * snippet. The issue's id is GitLab's own id of the record (`noteable_id`, not the number in its URL), or the commit's
 * hash; the project's slug is its full path, e.g. `"gitlab-org/gitlab-test"`.
 *
 * Refused: system notes, which nobody wrote, and the hook for confidential notes, which must not reach other people's
 * integrations by mistake (`custom` can map them).
 *
 * @throws InvalidFieldsError with every wrong field, or naming the hook if it is another one
 */
export function readGitlabComment(payload: PlainObject, headers: SourceHeaders): CommentEvent {
  refuseOtherHooks(payload, headers);
  const { user, project, object_attributes: note } = checkHook(payload);
  return {
    type: note.action,
    comment: { id: note.id, text: note.note },
    issue: { id: "commit_id" in note ? note.commit_id : note.noteable_id },
    project: { slug: project.path_with_namespace },
    actor: { type: "user", id: user.id, name: user.name },
    timestamp: note.action === "comment.created" ? note.created_at : note.updated_at,
    sourceDeliveryId: deliveryId(headers, `${note.id}/${note.action}/${note.updated_at}`),
  };
}

function checkHook(payload: PlainObject) {
  const options = { subject: "GitLab comment", path: PAYLOAD_PATH };
  const note = ownProperty(payload, "object_attributes");
  const onCommit = isPlainObject(note) && ownProperty(note, "noteable_type") === "Commit";
  return onCommit ? check(COMMIT_HOOK, payload, options) : check(RECORD_HOOK, payload, options);
}

function refuseOtherHooks(payload: PlainObject, headers: SourceHeaders): void {
  const hook = headers.get("x-gitlab-event");
  if (hook !== undefined && hook !== NOTE_HOOK) throw refused("the X-Gitlab-Event header", hook, `"${NOTE_HOOK}"`);
  const kind = ownProperty(payload, "object_kind");
  if (kind !== "note") throw refused(`${PAYLOAD_PATH}.object_kind`, kind, '"note", GitLab\'s comment event');
  const type = ownProperty(payload, "event_type");
  if (type === "confidential_note")
    throw refused(`${PAYLOAD_PATH}.event_type`, type, "a note that is not confidential");
}

/**
 * GitLab's name of the delivery. Before 17.4 it has only the event's UUID, which events that cause one another share, so
 * that the note is added to it.
 */
function deliveryId(headers: SourceHeaders, note: string): string | null {
  const name = headers.get("idempotency-key") ?? headers.get("webhook-id");
  if (name !== undefined) return name;
  const event = headers.get("x-gitlab-event-uuid");
  return event === undefined ? null : `${event}/${note}`;
}
