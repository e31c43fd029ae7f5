import { check } from "../lib/validation/check";
import { plainObject } from "../lib/validation/plain-object";
import { listSetting } from "../lib/validation/setting";
import { OWN_PROPERTIES } from "./carried-properties";

const PROPERTY_NAME = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;
const reserved: readonly string[] = OWN_PROPERTIES;

const PROPERTIES = plainObject({
  carry: listSetting(
    {
      read: (item: unknown): string | undefined => {
        const name = typeof item === "string" ? item.trim() : "";
        return PROPERTY_NAME.test(name) && !reserved.includes(name) ? name : undefined;
      },
      item: `the name of a message property other than ${OWN_PROPERTIES.join(", ")}`,
      items: "names of message properties",
      least: 0,
      most: 100,
    },
    [],
  ),
});

/**
 * Reads the properties of a `webhook-send` node.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function readSendSettings(properties: Readonly<Record<string, unknown>>) {
  return check(PROPERTIES, properties, { subject: "webhook send", path: "webhook-send" });
}
