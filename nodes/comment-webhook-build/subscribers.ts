import type { CommentEvent } from "../lib/comment/comment-event";
import type { IntegrationSpec } from "../lib/integration/integration-spec";
import { inOrganization, subscribes } from "../lib/integration/subscription";
import { BoundedCache } from "../lib/wire/bounded-cache";

/** Kinds of events of which is remembered who hears of them. */
const REMEMBERED = 1_000;

type Kind = Pick<CommentEvent, "type" | "project">;

/** Who hears of an event, among many who mostly do not: looked for once per kind of event, as long as they are the same. */
export class Subscribers {
  readonly #organization: string;
  #specs: readonly IntegrationSpec[] = [];
  #byKind = new Map<CommentEvent["type"], BoundedCache<string, readonly IntegrationSpec[]>>();

  /** @param organization to which they belong; empty for any */
  constructor(organization: string) {
    this.#organization = organization;
  }

  /** Those of `specs`, in their order, that hear of such an event. */
  of({ type, project }: Kind, specs: readonly IntegrationSpec[]): readonly IntegrationSpec[] {
    if (specs !== this.#specs) {
      this.#specs = specs;
      this.#byKind = new Map();
    }
    let byProject = this.#byKind.get(type);
    if (byProject === undefined) {
      const among = specs.filter((spec) => inOrganization(spec, this.#organization));
      byProject = new BoundedCache(REMEMBERED, (slug) =>
        among.filter((spec) => subscribes(spec, { type, project: { slug } })),
      );
      this.#byKind.set(type, byProject);
    }
    return byProject.get(project.slug);
  }
}
