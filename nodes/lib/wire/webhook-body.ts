import type { CommentEvent } from "../comment/comment-event";
import type { IntegrationSpec } from "../integration/integration-spec";
import type { JsonObject } from "./webhook";

type Addressee = Pick<IntegrationSpec, "scheme" | "installation">;

/** The JSON object that tells an integration of a comment event (DESIGN 4). */
export function webhookBody(event: CommentEvent, { scheme, installation }: Addressee): JsonObject {
  const { type, comment, issue, project, timestamp } = event;
  const actor = { type: event.actor.type, id: event.actor.id, name: event.actor.name };
  const data = {
    comment_id: comment.id,
    issue_id: issue.id,
    project_slug: project.slug,
    timestamp,
    comment: comment.text,
  };
  return scheme === "sentry"
    ? { action: type.slice("comment.".length), data, installation: { uuid: installation }, actor }
    : { type, timestamp, data: { ...data, installation: { uuid: installation }, actor } };
}

/**
 * The body of a test event. It says that it is a test and holds nothing that could be taken for a comment.
 *
 * @param timestamp ISO time of the test
 */
export function testBody({ scheme, installation }: Addressee, timestamp: string): JsonObject {
  const data = { test: true, timestamp, message: "This is a test. No comment was made." };
  return scheme === "sentry"
    ? {
        action: "test",
        data,
        installation: { uuid: installation },
        actor: { type: "application", id: "comment-webhooks", name: "Comment webhooks" },
      }
    : { type: "webhook.test", timestamp, data: { ...data, installation: { uuid: installation } } };
}
