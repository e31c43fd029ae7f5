import type { HealthStatus } from "../lib/health/integration-ledger";
import { listSetting, setting, textSetting } from "../lib/integration/setting";
import { MAIL_KINDS } from "../lib/notify/mail-templates";
import { parseRecipients } from "../lib/notify/parse-mailer";
import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";

const PATH = "notify-owners";

export interface NotifySettings {
  /** Id of an `owner-mailer` node; empty: message only. */
  mailer: string;
  recipients: readonly string[];
  kinds: readonly HealthStatus[];
  baseUrl: string;
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
    (value) => (typeof value === "string" && (value === "" || isWebUrl(value)) ? value : undefined),
    "a URL that begins with http:// or https://, or nothing",
    "",
  ),
});

/**
 * Reads the properties of a `notify-owners` node.
 *
 * @throws InvalidFieldsError with the wrong fields
 */
export function readNotifySettings(properties: Readonly<Record<string, unknown>>): NotifySettings {
  const settings = check(PROPERTIES, properties, { subject: "notify owners", path: PATH });
  return { ...settings, recipients: parseRecipients(properties.recipients, `${PATH}.recipients`) };
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
