import { secretSetting } from "../host/secret-setting";
import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";
import { choiceSetting, setting, textSetting } from "../lib/validation/setting";

const PATH = "comment-webhook-build";

const PROPERTIES = plainObject({
  target: choiceSetting(["subscribed", "one", "msg"], "subscribed"),
  integration: textSetting(""),
  organization: textSetting(""),
  source: choiceSetting(["auto", "comment", "sentry", "github", "gitlab", "custom"], "auto"),
  mapping: setting((value) => (typeof value === "string" ? value : undefined), "a JSONata expression", ""),
});
const CREDENTIALS = plainObject({ sourceSecret: secretSetting() });

export type BuildSettings = ReturnType<typeof readBuildSettings>;

/**
 * Reads the properties and credentials of a `comment-webhook-build` node.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function readBuildSettings(properties: Readonly<Record<string, unknown>>, credentials: unknown) {
  const hidden = ["sourceSecret"];
  return {
    ...check(PROPERTIES, properties, { subject: "comment webhook build", path: PATH }),
    ...check(CREDENTIALS, credentials, { subject: "comment webhook build credentials", path: PATH, hidden }),
  };
}
