import assert from "node:assert/strict";
import { DEFAULT_TEMPLATES } from "../../../nodes/lib/notify/default-templates";
import { EndlessTemplateError } from "../../../nodes/lib/notify/mail-writer";
import { previewMail } from "../../../nodes/lib/notify/preview-mail";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";
import { MONDAY } from "./sample-notice";

const KINDS = ["at-risk", "disabled", "active"] as const;

describe("the preview of a mail", () => {
  it("shows each kind of mail as it comes, of one integration and of several", () => {
    const subjects = KINDS.flatMap((kind) =>
      [false, true].map((several) => previewMail({ kind, several }, MONDAY).subject),
    );
    assert.deepEqual(subjects, [
      "Webhooks to Build <b>bot</b> are failing",
      "Webhooks to 3 integrations are failing: Build <b>bot</b>, Chat and 1 more",
      "Build <b>bot</b> has been switched off",
      "3 integrations have been switched off: Build <b>bot</b>, Chat and 1 more",
      "Build <b>bot</b> is active again",
      "3 integrations are active again: Build <b>bot</b>, Chat and 1 more",
    ]);
  });

  it("makes no markup of names and answers that look like it", () => {
    for (const kind of KINDS) {
      const { html } = previewMail({ kind, several: true }, MONDAY);
      assert.doesNotMatch(html, /<script|<b>|<h1>Internal/);
      assert.match(html, /&lt;script&gt;/);
    }
  });

  it("shows what changed templates make of it, and links only with an address", () => {
    const templates = { active: { subject: "{{count}} {{kind}}", text: "{{#integrations}}{{link}}{{/integrations}}" } };
    const baseUrl = "https://red.example.com/{{integration}}";
    const mail = previewMail({ kind: "active", templates, baseUrl }, MONDAY);
    assert.equal(mail.subject, "1 active");
    assert.equal(mail.text, "https://red.example.com/a1b2c3d4e5f60718\n");
    assert.equal(previewMail({ kind: "active", templates }, MONDAY).text, "\n");
    assert.equal(mail.html, previewMail({ kind: "active", baseUrl }, MONDAY).html);
  });

  it("names what is wrong with a template", () => {
    assert.throws(
      () => previewMail({ kind: "disabled", templates: { disabled: { html: "{{{why}}}" } } }, MONDAY),
      (error) => error instanceof InvalidFieldsError && /templates\["disabled"\]\.html/.test(error.message),
    );
    assert.throws(() => previewMail({ kind: "never" }, MONDAY), InvalidFieldsError);
  });

  it("ends a template that would write without end", () => {
    for (const inner of ["{{why}}", ""]) {
      const sections = 40;
      const text = "{{#integrations}}".repeat(sections) + inner + "{{/integrations}}".repeat(sections);
      assert.throws(
        () => previewMail({ kind: "disabled", several: true, templates: { disabled: { text } } }, MONDAY),
        EndlessTemplateError,
      );
    }
  });

  it("leaves the default templates what they are", () => {
    for (const kind of KINDS) {
      const whole = previewMail({ kind, templates: { [kind]: DEFAULT_TEMPLATES[kind] } }, MONDAY);
      assert.deepEqual(whole, previewMail({ kind }, MONDAY));
    }
  });
});
