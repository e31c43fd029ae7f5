import { check } from "../validation/check";
import { plainObject } from "../validation/plain-object";
import { choiceSetting, numberSetting, textSetting } from "../validation/setting";
import type { StoreSettings } from "./store";

const MB = 1_024 * 1_024;

export const DEFAULT_STORE_SETTINGS: Readonly<StoreSettings> = {
  logSize: 100,
  keepDelivered: 100,
  retentionDays: 30,
  maxBytes: 1_024 * MB,
  sync: "process",
};

const PROPERTIES = plainObject({
  backend: choiceSetting(["lowdb"], "lowdb"),
  path: textSetting(""),
  logSize: numberSetting({ least: 0, most: 10_000, whole: true, unit: "entries" }, DEFAULT_STORE_SETTINGS.logSize),
  keepDelivered: numberSetting(
    { least: 0, most: 10_000, whole: true, unit: "webhooks" },
    DEFAULT_STORE_SETTINGS.keepDelivered,
  ),
  retentionDays: numberSetting(
    { least: 0, most: 3_650, whole: false, unit: "days" },
    DEFAULT_STORE_SETTINGS.retentionDays,
  ),
  maxBytes: numberSetting(
    { least: MB, most: 1_024 * 1_024 * MB, whole: true, unit: "bytes" },
    DEFAULT_STORE_SETTINGS.maxBytes,
  ),
  sync: choiceSetting(["process", "power"], DEFAULT_STORE_SETTINGS.sync),
});

/**
 * Reads the properties of a `webhook-store` node; values may have come through environment variables. `path` is as it was
 * entered.
 *
 * @param where for errors, e.g. the node's name
 * @throws InvalidFieldsError with every wrong property
 */
export function parseStoreSettings(
  raw: Readonly<Record<string, unknown>>,
  where: string,
): { path: string; settings: StoreSettings } {
  const { path, backend: _, ...settings } = check(PROPERTIES, raw, { subject: "store", path: where });
  return { path, settings };
}
