import fs from "node:fs/promises";
import path from "node:path";
import { openStore } from "../../../../nodes/lib/store/open-store";
import type { Store, StoreSettings } from "../../../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";
import type { Clock } from "../../../../nodes/lib/time/clock";
import { FakeClock } from "../../../fixtures/fake-clock";
import { policy } from "../sample-delivery";

export interface OpenOptions {
  settings?: Partial<StoreSettings>;
  clock?: Clock;
  /** Integrations whose lanes are set. */
  integrations?: readonly string[];
}

/** Opens the store in a folder, with lanes that let everything go. */
export async function openAt(
  folder: string,
  { settings = {}, clock = new FakeClock(), integrations = [] }: OpenOptions = {},
): Promise<Store> {
  const store = await openStore({
    path: folder,
    settings: { ...DEFAULT_STORE_SETTINGS, ...settings },
    clock,
    random: () => 0,
  });
  for (const integration of integrations) store.configure(integration, policy());
  return store;
}

/** All files below a folder, with their sizes and times of change, by path. Sockets are left out. */
export async function filesBelow(folder: string): Promise<Map<string, { size: number; changedAt: number }>> {
  const found = new Map<string, { size: number; changedAt: number }>();
  for (const entry of await fs.readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    // A file that was being replaced may be gone by now.
    const stat = await fs.stat(file).catch(() => null);
    if (stat !== null) found.set(path.relative(folder, file), { size: stat.size, changedAt: stat.mtimeMs });
  }
  return found;
}

/** The journal's segments, oldest first, as absolute paths. */
export async function segmentsIn(folder: string): Promise<string[]> {
  const names = await fs.readdir(path.join(folder, "journal"));
  return names
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => path.join(folder, "journal", name));
}
