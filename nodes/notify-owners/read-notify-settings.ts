import type { HealthStatus } from "../lib/health/integration-ledger";
import { isMailLink } from "../lib/notify/mail-links";
import { MAIL_KINDS, type MailTemplates, parseMailTemplates } from "../lib/notify/mail-templates";
import { parseRecipients } from "../lib/notify/parse-mailer";
import { SECOND_MS } from "../lib/time/utc-day";
import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";
import { listSetting, numberSetting, setting, textSetting, unresolvedReference } from "../lib/validation/setting";

const PATH = "notify-owners";

export interface NotifySettings {
  /** Id of an `owner-mailer` node; empty: message only. */
  mailer: string;
  recipients: readonly string[];
  kinds: readonly HealthStatus[];
  baseUrl: string;
  templates: MailTemplates;
  /** How long a change waits for others to share a mail with; 0: not at all. */
  digestDelayMs: number;
}

const PROPERTIES = plainObject({
  mailer: textSetting(""),
  kinds: listSetting<HealthStatus>(
    {
      read: (item) => MAIL_KINDS.find((kind) => kind === item),
      items: MAIL_KINDS.map((kind) => `"${kind}"`).join(", "),
      least: 0,
      most: 10,
    },
    MAIL_KINDS,
  ),
  baseUrl: setting(
    (value) => (typeof value === "string" && (value === "" || isAddress(value)) ? value : undefined),
    "a URL that begins with http:// or https://, names no variable that is not set and no placeholder but {{integration}}, or nothing",
    "",
  ),
  digestDelay: numberSetting({ least: 0, most: 86_400, whole: false, unit: "seconds" }, 0),
});

/**
 * Reads the properties of a `notify-owners` node.
 *
 * @throws InvalidFieldsError with the wrong fields
 */
export function readNotifySettings(properties: Readonly<Record<string, unknown>>): NotifySettings {
  const { digestDelay, ...settings } = check(PROPERTIES, properties, { subject: "notify owners", path: PATH });
  return {
    ...settings,
    recipients: parseRecipients(properties.recipients, `${PATH}.recipients`),
    templates: parseMailTemplates(properties.templates, `${PATH}.templates`),
    digestDelayMs: digestDelay * SECOND_MS,
  };
}

function isAddress(text: string): boolean {
  return unresolvedReference(text, "anywhere") === null && isMailLink(text);
}
