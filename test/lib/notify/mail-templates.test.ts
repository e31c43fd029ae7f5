import assert from "node:assert/strict";
import { parseMailTemplates } from "../../../nodes/lib/notify/mail-templates";
import { InvalidFieldsError } from "../../../nodes/lib/validation/invalid-fields-error";

function refusedFields(raw: unknown): string[] {
  try {
    parseMailTemplates(raw, "templates");
  } catch (error) {
    assert.ok(error instanceof InvalidFieldsError);
    return error.fields.map(({ field }) => field);
  }
  assert.fail("was not refused");
}

describe("parseMailTemplates", () => {
  it("takes nothing as no templates", () => {
    for (const raw of [undefined, null, "", {}, { "at-risk": {} }, { disabled: { subject: "", text: null } }]) {
      assert.deepEqual(parseMailTemplates(raw, "templates"), {});
    }
  });

  it("keeps the templates given", () => {
    const raw = { "at-risk": { subject: "{{names}}", html: "<i>{{names}}</i>" }, active: { text: "fine" } };
    assert.deepEqual(parseMailTemplates(raw, "templates"), raw);
  });

  it("takes them as JSON text, as environment variables are", () => {
    assert.deepEqual(parseMailTemplates('{"active":{"subject":"fine"}}', "templates"), { active: { subject: "fine" } });
    assert.deepEqual(refusedFields("{active}"), ["templates"]);
  });

  it("names each template that is not valid Mustache", () => {
    assert.deepEqual(
      refusedFields({ "at-risk": { subject: "{{names", text: "{{#a}}" }, disabled: { html: "{{/b}}", text: "ok" } }),
      ['templates["at-risk"].subject', 'templates["at-risk"].text', 'templates["disabled"].html'],
    );
  });

  it("refuses unescaped values in HTML, however they are written, and lets text have them", () => {
    for (const html of [
      "{{{names}}}",
      "{{&names}}",
      "{{#integrations}}{{{url}}}{{/integrations}}",
      "{{=[ ]=}}[&url]",
    ]) {
      assert.deepEqual(refusedFields({ active: { html } }), ['templates["active"].html'], html);
      assert.deepEqual(parseMailTemplates({ active: { text: html } }, "templates"), { active: { text: html } });
    }
  });

  it("refuses partials, since there are none", () => {
    assert.deepEqual(refusedFields({ active: { text: "{{> footer}}" } }), ['templates["active"].text']);
  });

  it("refuses what is no text, no object and no kind of mail", () => {
    assert.deepEqual(refusedFields({ active: { text: 5 }, disabled: "x", broken: {} }), [
      'templates["broken"]',
      'templates["disabled"]',
      'templates["active"].text',
    ]);
    assert.deepEqual(refusedFields([]), ["templates"]);
  });
});
