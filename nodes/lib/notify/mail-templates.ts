import type { HealthStatus } from "../health/integration-ledger";
import { type InvalidField, InvalidFieldsError, quoteValue } from "../validation/invalid-fields-error";
import { MailWriter } from "./mail-writer";

/** Mustache templates of one kind of mail. What they can show is {@link MailView} in mail-view.ts. */
export interface MailTemplate {
  subject: string;
  text: string;
  /** Values are escaped; a template that asks for unescaped ones is refused. */
  html: string;
}

/** Templates that replace the default ones, by kind and part. */
export type MailTemplates = Partial<Record<HealthStatus, Partial<MailTemplate>>>;

export const MAIL_KINDS = ["at-risk", "disabled", "active"] as const satisfies readonly HealthStatus[];
const PARTS = ["subject", "text", "html"] as const satisfies readonly (keyof MailTemplate)[];

/**
 * Reads templates given by a flow author. Empty strings mean the default template.
 *
 * @param given an object by kind, each with `subject`, `text` and `html`; its JSON text; or nothing
 * @param where path of `raw` as a flow author would write it
 * @throws InvalidFieldsError naming each template that is not text or not valid Mustache
 */
export function parseMailTemplates(given: unknown, where: string): MailTemplates {
  const raw = typeof given === "string" ? parsedJson(given) : given;
  const invalid: InvalidField[] = [];
  const templates: MailTemplates = {};
  const refuse = (field: string, value: unknown, expected: string) =>
    invalid.push({ field, value: quoteValue(value), expected });
  if (!isRecord(raw)) {
    if (raw !== undefined && raw !== null && raw !== "") refuse(where, raw, "an object with mail templates by kind");
  } else {
    for (const key of Object.keys(raw)) {
      if (!isKnown(MAIL_KINDS, key)) refuse(`${where}["${key}"]`, raw[key], `one of ${MAIL_KINDS.join(", ")} as key`);
    }
    for (const kind of MAIL_KINDS) {
      const given = raw[kind];
      if (given === undefined || given === null) continue;
      if (!isRecord(given)) {
        refuse(`${where}["${kind}"]`, given, "an object with subject, text and html");
        continue;
      }
      const template: Partial<MailTemplate> = {};
      for (const part of PARTS) {
        const source = given[part];
        if (source === undefined || source === null || source === "") continue;
        const field = `${where}["${kind}"].${part}`;
        const problem = typeof source === "string" ? problemOf(source, part) : "text";
        if (problem !== null) refuse(field, source, problem);
        else if (typeof source === "string") template[part] = source;
      }
      if (Object.keys(template).length > 0) templates[kind] = template;
    }
  }
  if (invalid.length > 0) throw new InvalidFieldsError("mail templates", invalid);
  return templates;
}

/** What a template should have been, or null if nothing is wrong with it. */
function problemOf(source: string, part: keyof MailTemplate): string | null {
  let tokens: unknown;
  try {
    tokens = new MailWriter().parse(source);
  } catch (error) {
    return `a valid Mustache template (${error instanceof Error ? error.message : String(error)})`;
  }
  if (usesTag(tokens, ">")) return "a template without partials ({{> …}}): there are none";
  if (part === "html" && usesTag(tokens, "&")) return "only escaped values in HTML: {{…}}, not {{{…}}} or {{&…}}";
  return null;
}

function usesTag(tokens: unknown, tag: string): boolean {
  return (
    Array.isArray(tokens) &&
    tokens.some((token) => Array.isArray(token) && (token[0] === tag || usesTag(token[4], tag)))
  );
}

/** Renders a template as text: nothing is escaped. @throws EndlessTemplateError */
export function renderText(template: string, view: object): string {
  return new MailWriter().render(template, view, undefined, { escape: String });
}

/** Renders a template as HTML: every value is escaped. @throws EndlessTemplateError */
export function renderHtml(template: string, view: object): string {
  return new MailWriter().render(template, view);
}

/** What a text is as JSON; the text itself if it is none. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isKnown<T extends string>(known: readonly T[], key: string): key is T {
  return known.some((candidate) => candidate === key);
}
