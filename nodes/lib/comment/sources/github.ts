import type * as v from "valibot";
import type { CommentEventType } from "../../integration/integration-spec";
import { check } from "../../validation/check";
import { type PlainObject, plainObject } from "../../validation/plain-object";
import { readAs } from "../../validation/read-as";
import type { CommentEvent, Identifier } from "../comment-event";
import { commentText, identifier, label, timestamp } from "../comment-fields";
import { PAYLOAD_PATH, refused } from "../payload";
import type { SourceHeaders } from "../source-headers";
import { GITHUB_COMMENT_EVENTS, type GithubCommentEvent, githubEventOf } from "./github-events";

const ACTIONS: ReadonlyMap<unknown, CommentEventType> = new Map([
  ["created", "comment.created"],
  ["edited", "comment.updated"],
  ["deleted", "comment.deleted"],
]);

/** `"User"`, `"Bot"`, …; Gitea and Forgejo, which send the same webhooks, leave it out. */
const accountType = readAs(
  (value) =>
    value === undefined ? "user" : typeof value === "string" && value !== "" ? value.toLowerCase() : undefined,
  '"User", "Bot" or "Organization"',
);

const record = plainObject({ id: identifier });

const ENVELOPE = {
  action: readAs((value) => ACTIONS.get(value), '"created", "edited" or "deleted"'),
  repository: plainObject({ full_name: label }),
  sender: plainObject({ id: identifier, login: label, type: accountType }),
};

const COMMENT = { id: identifier, body: commentText, created_at: timestamp, updated_at: timestamp };

const SCHEMAS = {
  issue_comment: plainObject({ ...ENVELOPE, comment: plainObject(COMMENT), issue: record }),
  pull_request_review_comment: plainObject({ ...ENVELOPE, comment: plainObject(COMMENT), pull_request: record }),
  discussion_comment: plainObject({ ...ENVELOPE, comment: plainObject(COMMENT), discussion: record }),
  commit_comment: plainObject({ ...ENVELOPE, comment: plainObject({ ...COMMENT, commit_id: label }) }),
};

const EXPECTED = `a comment event: ${GITHUB_COMMENT_EVENTS.join(", ")}`;

/**
 * Reads GitHub's `issue_comment`, `pull_request_review_comment`, `commit_comment` and `discussion_comment` webhooks
 * (docs.github.com, "Webhook events and payloads").
 *
 * The issue's id is GitHub's own id of the issue, pull request or discussion (not the number in its URL), or the
 * commit's hash; the project's slug is the repository's full name, e.g. `"octocat/Hello-World"`; the actor is the
 * sender. GitHub does not say when a comment was deleted: the time is that of its last change.
 *
 * @throws InvalidFieldsError with every wrong field, or naming the event if it is about something else
 */
export function readGithubComment(payload: PlainObject, headers: SourceHeaders): CommentEvent {
  const { event, issueId } = readEvent(commentEventOf(payload, headers), payload);
  const { action: type, comment, repository, sender } = event;
  return {
    type,
    comment: { id: comment.id, text: comment.body },
    issue: { id: issueId },
    project: { slug: repository.full_name },
    actor: { type: sender.type, id: sender.id, name: sender.login },
    timestamp: type === "comment.created" ? comment.created_at : comment.updated_at,
    sourceDeliveryId: headers.get("x-github-delivery") ?? null,
  };
}

function commentEventOf(payload: PlainObject, headers: SourceHeaders): GithubCommentEvent {
  const named = headers.get("x-github-event");
  const name = named ?? githubEventOf(payload);
  const event = GITHUB_COMMENT_EVENTS.find((candidate) => candidate === name);
  if (event !== undefined) return event;
  if (named !== undefined) throw refused("the X-GitHub-Event header", named, EXPECTED);
  if (name === null) throw refused(PAYLOAD_PATH, payload, EXPECTED);
  throw refused(PAYLOAD_PATH, `GitHub ${name} event`, EXPECTED);
}

type GithubEvent = Omit<v.InferOutput<(typeof SCHEMAS)["issue_comment"]>, "issue">;

function readEvent(name: GithubCommentEvent, payload: PlainObject): { event: GithubEvent; issueId: Identifier } {
  const options = { subject: `GitHub ${name}`, path: PAYLOAD_PATH };
  switch (name) {
    case "issue_comment": {
      const event = check(SCHEMAS.issue_comment, payload, options);
      return { event, issueId: event.issue.id };
    }
    case "pull_request_review_comment": {
      const event = check(SCHEMAS.pull_request_review_comment, payload, options);
      return { event, issueId: event.pull_request.id };
    }
    case "discussion_comment": {
      const event = check(SCHEMAS.discussion_comment, payload, options);
      return { event, issueId: event.discussion.id };
    }
    case "commit_comment": {
      const event = check(SCHEMAS.commit_comment, payload, options);
      return { event, issueId: event.comment.commit_id };
    }
  }
}
