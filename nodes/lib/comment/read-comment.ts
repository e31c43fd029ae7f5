import { isPlainObject, ownProperty, type PlainObject } from "../validation/plain-object";
import type { CommentEvent, CommentSource } from "./comment-event";
import { PAYLOAD_PATH, readPayload, refused } from "./payload";
import { readHeaders, type SourceHeaders } from "./source-headers";
import { readGithubComment } from "./sources/github";
import { githubEventOf } from "./sources/github-events";
import { readGitlabComment } from "./sources/gitlab";
import { readPlainComment } from "./sources/plain";
import { readSentryComment } from "./sources/sentry";

type KnownSource = Exclude<CommentSource, "auto">;

const READERS: Readonly<Record<KnownSource, (payload: PlainObject, headers: SourceHeaders) => CommentEvent>> = {
  comment: readPlainComment,
  sentry: readSentryComment,
  github: readGithubComment,
  gitlab: readGitlabComment,
};

/** Headers that only one source sends. Sources that imitate GitHub also send its header, and its payloads. */
const SOURCES_BY_HEADER: readonly (readonly [header: string, source: KnownSource])[] = [
  ["x-github-event", "github"],
  ["x-gitlab-event", "gitlab"],
  ["sentry-hook-resource", "sentry"],
];

const PLAIN_PROPERTIES = ["comment", "issue", "project", "actor", "timestamp"];

/**
 * Reads a comment event as it arrives.
 *
 * @param input.payload an object, or its JSON as text or raw body
 * @param input.headers `msg.req.headers` or `msg.headers`; names in any case
 * @param source `"auto"` recognises it by its headers, and by its shape where they say nothing
 * @throws InvalidFieldsError with every wrong field, or saying what else it is
 */
export function readComment(
  input: { readonly payload: unknown; readonly headers: Readonly<Record<string, unknown>> },
  source: CommentSource,
): CommentEvent {
  const headers = readHeaders(input.headers);
  const payload = readPayload(input.payload, headers);
  return READERS[source === "auto" ? recognise(payload, headers) : source](payload, headers);
}

function recognise(payload: PlainObject, headers: SourceHeaders): KnownSource {
  const byHeader = SOURCES_BY_HEADER.find(([header]) => headers.has(header));
  if (byHeader !== undefined) return byHeader[1];
  const has = (name: string) => isPlainObject(ownProperty(payload, name));
  if (has("comment") && has("project") && has("actor")) return "comment";
  if (typeof ownProperty(payload, "object_kind") === "string") return "gitlab";
  if (has("data") && !has("comment")) return "sentry";
  if (githubEventOf(payload) !== null) return "github";
  if (PLAIN_PROPERTIES.some((name) => Object.hasOwn(payload, name))) return "comment";
  throw refused(
    PAYLOAD_PATH,
    payload,
    "{action, comment:{id, text}, issue:{id}, project:{slug}, actor:{type, id, name}, timestamp}, or a comment webhook of Sentry, GitHub or GitLab",
  );
}
