import { isPlainObject, ownProperty, type PlainObject } from "../../validation/plain-object";

export const GITHUB_COMMENT_EVENTS = [
  "issue_comment",
  "pull_request_review_comment",
  "commit_comment",
  "discussion_comment",
] as const;
export type GithubCommentEvent = (typeof GITHUB_COMMENT_EVENTS)[number];

/**
 * Properties by which GitHub's events are known without the X-GitHub-Event header: the first entry of which a payload
 * has all names it. Where one event's properties are among another's, the other comes first.
 */
const EVENTS_BY_PROPERTIES: readonly (readonly [event: string, ...properties: string[]])[] = [
  ["pull_request_review_comment", "comment", "pull_request"],
  ["pull_request_review_comment", "comment.pull_request_review_id"],
  ["discussion_comment", "comment", "discussion"],
  ["issue_comment", "comment", "issue"],
  ["commit_comment", "comment"],
  ["pull_request_review_thread", "thread", "pull_request"],
  ["pull_request_review", "review", "pull_request"],
  ["pull_request", "pull_request"],
  ["discussion", "discussion"],
  ["issues", "issue"],
  ["deployment_status", "deployment_status"],
  ["workflow_job", "workflow_job"],
  ["deployment_review", "workflow_run", "since"],
  ["deployment", "deployment"],
  ["workflow_run", "workflow_run"],
  ["workflow_dispatch", "workflow", "inputs"],
  ["check_run", "check_run"],
  ["check_suite", "check_suite"],
  ["code_scanning_alert", "alert", "commit_oid"],
  ["dependabot_alert or repository_vulnerability_alert", "alert"],
  ["branch_protection_rule", "rule"],
  ["push", "ref", "commits"],
  ["create", "ref", "ref_type", "master_branch"],
  ["delete", "ref", "ref_type"],
  ["deploy_key", "key"],
  ["fork", "forkee"],
  ["gollum", "pages"],
  ["installation_repositories", "installation", "repositories_added"],
  ["label", "label"],
  ["marketplace_purchase", "marketplace_purchase"],
  ["membership", "member", "team"],
  ["member", "member"],
  ["merge_group", "merge_group"],
  ["ping", "zen", "hook"],
  ["meta", "hook"],
  ["milestone", "milestone"],
  ["org_block", "blocked_user"],
  ["package", "package"],
  ["page_build", "build"],
  ["project_card", "project_card"],
  ["project_column", "project_column"],
  ["projects_v2_item", "projects_v2_item"],
  ["project", "project", "repository"],
  ["release", "release"],
  ["repository_dispatch", "client_payload"],
  ["security_advisory", "security_advisory"],
  ["sponsorship", "sponsorship"],
  ["star", "starred_at"],
  ["status", "sha", "state", "context"],
  ["repository_import", "status", "repository"],
  ["team", "action", "team"],
  ["team_add", "team"],
  ["watch or repository", "action", "repository"],
  ["public", "repository"],
  ["organization", "action", "organization"],
  ["installation", "action", "installation"],
  ["github_app_authorization", "action", "sender"],
];

/** Which of GitHub's events a payload is by its shape, or null if it cannot be one. */
export function githubEventOf(payload: PlainObject): string | null {
  const isGithubs =
    isPlainObject(ownProperty(payload, "sender")) ||
    isPlainObject(ownProperty(payload, "repository")) ||
    isPlainObject(ownProperty(payload, "security_advisory"));
  if (!isGithubs) return null;
  const match = EVENTS_BY_PROPERTIES.find(([, ...paths]) => paths.every((path) => hasProperty(payload, path)));
  return match?.[0] ?? "unknown";
}

function hasProperty(payload: PlainObject, path: string): boolean {
  const [name = "", inner] = path.split(".");
  if (inner === undefined) return Object.hasOwn(payload, name);
  const value = ownProperty(payload, name);
  return isPlainObject(value) && Object.hasOwn(value, inner);
}
