import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openStore } from "../../../../nodes/lib/store/open-store";
import type { Store } from "../../../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";
import type { PlaceOptions, StorePlace } from "../store-place";

/** A folder in which a lowdb store lives. */
export class StoreFolder implements StorePlace {
  private constructor(readonly path: string) {}

  static async make(): Promise<StoreFolder> {
    return new StoreFolder(await fs.mkdtemp(path.join(os.tmpdir(), "store-")));
  }

  open({ settings, clock, random }: PlaceOptions): Promise<Store> {
    return openStore({ path: this.path, settings: { ...DEFAULT_STORE_SETTINGS, ...settings }, clock, random });
  }

  /** Files only: the lock of a process that is gone is tested elsewhere. */
  async afterCrash(): Promise<StoreFolder> {
    const copy = await StoreFolder.make();
    await copyFiles(this.path, copy.path);
    return copy;
  }

  async remove(): Promise<void> {
    await fs.rm(this.path, { recursive: true, force: true });
  }
}

async function copyFiles(from: string, to: string): Promise<void> {
  await fs.mkdir(to, { recursive: true });
  for (const entry of await fs.readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyFiles(source, target);
    else if (entry.isFile()) await fs.copyFile(source, target);
  }
}
