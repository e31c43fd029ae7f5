import { check } from "../validation/check";
import { plainObject } from "../validation/plain-object";
import { choiceSetting, flagSetting, textSetting } from "../validation/setting";
import { type ComposedMail, composeMail } from "./compose-mail";
import { MAIL_KINDS, parseMailTemplates } from "./mail-templates";
import { sampleNotices } from "./sample-notices";

const PREVIEW = plainObject({
  kind: choiceSetting(MAIL_KINDS, "disabled"),
  several: flagSetting(false),
  baseUrl: textSetting(""),
});

/**
 * The mail that templates make of changes that never were.
 *
 * @param asked an object with `kind`, `templates` as `parseMailTemplates` reads them, `several` (of three integrations,
 *   else of one) and `baseUrl`
 * @throws InvalidFieldsError naming what is wrong; EndlessTemplateError
 */
export function previewMail(asked: Readonly<Record<string, unknown>>, nowMs: number): ComposedMail {
  const { kind, several, baseUrl } = check(PREVIEW, asked, { subject: "preview", path: "preview" });
  const templates = parseMailTemplates(asked.templates, "templates");
  return composeMail({ notices: sampleNotices(kind, several, nowMs), baseUrl, templates, nowMs });
}
