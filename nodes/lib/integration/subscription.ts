import type { CommentEventType, IntegrationSpec } from "./integration-spec";

/** Whether an integration wants to hear of an event: its type is one of `events`, its project one of `projects`, or those are empty. */
export function subscribes(
  spec: Pick<IntegrationSpec, "events" | "projects">,
  event: { readonly type: CommentEventType; readonly project: { readonly slug: string } },
): boolean {
  return spec.events.includes(event.type) && (spec.projects.length === 0 || spec.projects.includes(event.project.slug));
}

/** Whether an integration belongs to an organization; an empty one stands for all. */
export function inOrganization(spec: Pick<IntegrationSpec, "organization">, organization: string): boolean {
  return organization === "" || spec.organization === organization;
}
