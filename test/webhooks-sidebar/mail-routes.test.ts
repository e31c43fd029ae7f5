import assert from "node:assert/strict";
import { EmbeddedRuntime } from "../host/embedded-runtime";

describe("the admin routes for mails", () => {
  let runtime: EmbeddedRuntime;

  const ask = async (path: string, body?: unknown, type = "application/json") => {
    const response = await fetch(`${runtime.url}/admin/comment-webhooks/${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: { "content-type": type },
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };

  before(async () => {
    runtime = await EmbeddedRuntime.start();
  });
  after(() => runtime.stop());

  it("give the default templates and show what templates make of samples", async () => {
    const { answer: defaults } = await ask("mail-templates");
    assert.deepEqual(Object.keys(defaults), ["at-risk", "disabled", "active"]);
    const { status, answer } = await ask("preview-mail", {
      ...{ kind: "active", several: true },
      templates: { active: { subject: "{{count}} again" } },
    });
    assert.equal(status, 200);
    assert.equal(answer.subject, "3 again");
    assert.doesNotMatch(String(answer.html), /<script/);
    assert.deepEqual(Object.keys(answer).sort(), ["html", "subject", "text"]);
  });

  it("say what is wrong with a template", async () => {
    const { status, answer } = await ask("preview-mail", { kind: "active", templates: { active: { text: "{{#a}}" } } });
    assert.equal(status, 400);
    assert.match(
      String(answer.error),
      /templates\["active"\]\.text is "\{\{#a\}\}", expected a valid Mustache template/,
    );
    const endless = "{{#integrations}}".repeat(40) + "{{/integrations}}".repeat(40);
    const stopped = await ask("preview-mail", { several: true, templates: { disabled: { subject: endless } } });
    assert.equal(stopped.status, 400);
  });

  it("take JSON only", async () => {
    assert.equal((await ask("preview-mail", {}, "text/plain")).status, 415);
  });
});
