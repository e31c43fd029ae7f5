import { secretSetting } from "../host/secret-setting";
import type { DeployedStore, StoreLocations } from "../host/store-locations";
import { parseStoreSettings } from "../lib/store/store-settings";
import { check } from "../lib/validation/check";
import { InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { plainObject } from "../lib/validation/plain-object";

const PATH = "webhook-store";
const CREDENTIALS = plainObject({ encryptionKey: secretSetting() });

/**
 * Reads the properties and credentials of a `webhook-store` node.
 *
 * @throws InvalidFieldsError with the wrong fields, among them a folder that another node has
 */
export function readStore({
  properties,
  credentials,
  id,
  locations,
}: {
  properties: Readonly<Record<string, unknown>>;
  credentials: unknown;
  id: string;
  locations: StoreLocations;
}): DeployedStore {
  const { path, settings } = parseStoreSettings(properties, PATH);
  const { encryptionKey } = check(CREDENTIALS, credentials, {
    subject: "webhook store credentials",
    path: PATH,
    hidden: ["encryptionKey"],
  });
  const folder = locations.resolve(path);
  const other = locations.at(folder);
  if (other !== undefined && other.id !== id) {
    throw new InvalidFieldsError("webhook store", [
      {
        field: `${PATH}.path`,
        value: quoteValue(path),
        expected: `a folder of its own: the webhook-store node ${quoteValue(other.name || other.id)} uses ${quoteValue(folder)}`,
      },
    ]);
  }
  const name = typeof properties.name === "string" ? properties.name : "";
  return { path: folder, settings, encryptionKey, name };
}
