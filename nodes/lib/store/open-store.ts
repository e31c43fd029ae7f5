import { type Clock, type Random, systemClock } from "../time/clock";
import { LowdbStore } from "./lowdb/lowdb-store";
import type { Store, StoreSettings } from "./store";

export { StoreLockedError } from "./lowdb/process-lock";

export interface OpenStoreOptions {
  /** Absolute path of the store's folder; made if it is not there. */
  path: string;
  settings: StoreSettings;
  clock?: Clock;
  random?: Random;
}

/**
 * Opens the store in a folder. A folder has one store at a time: whoever shares it shares the object.
 *
 * @throws StoreLockedError if the folder is in use
 */
export function openStore({
  path,
  settings,
  clock = systemClock,
  random = Math.random,
}: OpenStoreOptions): Promise<Store> {
  return LowdbStore.open({ path, settings, clock, random });
}
