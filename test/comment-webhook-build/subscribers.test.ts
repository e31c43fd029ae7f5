import assert from "node:assert/strict";
import { Subscribers } from "../../nodes/comment-webhook-build/subscribers";
import type { CommentEventType, IntegrationSpec } from "../../nodes/lib/integration/integration-spec";
import { parseIntegration } from "../../nodes/lib/integration/parse-integration";

function integration(id: string, properties: Record<string, unknown> = {}): IntegrationSpec {
  return parseIntegration({ id, url: "https://receiver.example/", ...properties }, id);
}

function event(slug: string, type: CommentEventType = "comment.created") {
  return { type, project: { slug } };
}

function ids(specs: readonly IntegrationSpec[]): string[] {
  return specs.map(({ id }) => id);
}

describe("subscribers", () => {
  const specs = [
    integration("all"),
    integration("shop", { projects: ["shop"] }),
    integration("deleted", { events: ["comment.deleted"] }),
    integration("acme", { organization: "acme", projects: ["shop", "till"] }),
  ];

  it("are those who want such events of such a project, in their order, each time they are asked for", () => {
    const subscribers = new Subscribers("");
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(ids(subscribers.of(event("shop"), specs)), ["all", "shop", "acme"]);
      assert.deepEqual(ids(subscribers.of(event("till"), specs)), ["all", "acme"]);
      assert.deepEqual(ids(subscribers.of(event("shop", "comment.deleted"), specs)), [
        "all",
        "shop",
        "deleted",
        "acme",
      ]);
    }
  });

  it("belong to the organization", () => {
    assert.deepEqual(ids(new Subscribers("acme").of(event("shop"), specs)), ["acme"]);
  });

  it("are others once others are deployed", () => {
    const subscribers = new Subscribers("");
    subscribers.of(event("shop"), specs);
    assert.deepEqual(ids(subscribers.of(event("shop"), [integration("new")])), ["new"]);
  });
});
