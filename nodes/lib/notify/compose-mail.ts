import { DEFAULT_TEMPLATES } from "./default-templates";
import { oneLine } from "./display-text";
import type { Notice } from "./mail-queue";
import { type MailTemplates, renderHtml, renderText } from "./mail-templates";
import { mailView } from "./mail-view";

export interface ComposedMail {
  /** On one line, at most 150 characters. */
  subject: string;
  text: string;
  html: string;
}

const SUBJECT_LENGTH = 150;

/**
 * Writes the mail that tells an owner of changes, one or several. Whatever stands in names and answers, it stays text:
 * it cannot add a header, a line to the subject, or markup.
 *
 * @param notices all of the same kind and for the same owner
 * @param baseUrl where mails link to; `{{integration}}` in it is the integration's id; anything but http(s): no links
 * @param templates from `parseMailTemplates`
 */
export function composeMail({
  notices,
  baseUrl,
  templates,
  nowMs,
}: {
  notices: readonly Notice[];
  baseUrl: string;
  templates: MailTemplates;
  nowMs: number;
}): ComposedMail {
  const [first, ...others] = notices;
  if (first === undefined) throw new RangeError("a mail needs at least one notice");
  const view = mailView([first, ...others], baseUrl, nowMs);
  const template = { ...DEFAULT_TEMPLATES[view.kind], ...templates[view.kind] };
  return {
    subject: oneLine(renderText(template.subject, view), SUBJECT_LENGTH),
    text: renderText(template.text, view)
      .replace(/[ \t]+$/gm, "")
      .replace(/\n{3,}/g, "\n\n")
      .trim()
      .concat("\n"),
    html: renderHtml(template.html, view),
  };
}
