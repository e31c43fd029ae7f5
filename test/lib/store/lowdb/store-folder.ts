import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openStore } from "../../../../nodes/lib/store/open-store";
import type { Store } from "../../../../nodes/lib/store/store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";
import type { PlaceOptions, StorePlace } from "../store-place";
import { copyAsLeft } from "./copy-as-left";

/** A folder in which a lowdb store lives. */
export class StoreFolder implements StorePlace {
  constructor(readonly path: string) {}

  static async make(): Promise<StoreFolder> {
    return new StoreFolder(await fs.mkdtemp(path.join(os.tmpdir(), "store-")));
  }

  open({ settings, clock, random }: PlaceOptions): Promise<Store> {
    return openStore({ path: this.path, settings: { ...DEFAULT_STORE_SETTINGS, ...settings }, clock, random });
  }

  /** Files only: the lock of a process that is gone is tested elsewhere. */
  async afterCrash(): Promise<StoreFolder> {
    const copy = await StoreFolder.make();
    copyAsLeft(this.path, copy.path);
    return copy;
  }

  async remove(): Promise<void> {
    await fs.rm(this.path, { recursive: true, force: true });
  }
}
