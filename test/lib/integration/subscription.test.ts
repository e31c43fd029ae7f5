import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { inOrganization, subscribes } from "../../../nodes/lib/integration/subscription";

const created = { type: "comment.created", project: { slug: "web-shop" } } as const;

describe("subscribes", () => {
  it("needs the event's type and one of the projects, or none named", () => {
    assert.equal(subscribes({ events: ["comment.created"], projects: [] }, created), true);
    assert.equal(subscribes({ events: ["comment.created"], projects: ["app", "web-shop"] }, created), true);
    assert.equal(subscribes({ events: ["comment.deleted"], projects: [] }, created), false);
    assert.equal(subscribes({ events: ["comment.created"], projects: ["app"] }, created), false);
    assert.equal(subscribes({ events: ["comment.created"], projects: ["WEB-SHOP"] }, created), false);
  });
});

describe("inOrganization", () => {
  it("takes an empty organization for all", () => {
    assert.equal(inOrganization({ organization: "acme" }, ""), true);
    assert.equal(inOrganization({ organization: "acme" }, "acme"), true);
    assert.equal(inOrganization({ organization: "acme" }, "evil"), false);
    assert.equal(inOrganization({ organization: "" }, "acme"), false);
  });
});
