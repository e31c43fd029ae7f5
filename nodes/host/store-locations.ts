import { resolve } from "node:path";
import type { StoreSettings } from "../lib/store/store";
import type { Deployed } from "./deployed";

/** A deployed `webhook-store` node. */
export interface DeployedStore {
  /** Absolute. */
  path: string;
  settings: StoreSettings;
  /** Empty if none was entered. */
  encryptionKey: string;
  /** The node's name, for errors. */
  name: string;
}

/** Where the default store lies, in the user's directory. */
const DEFAULT_FOLDER = "comment-webhooks";

/** Finds the store that a property `store` means: a `webhook-store` node's id, or empty for the default store. */
export class StoreLocations {
  readonly #stores: Deployed<DeployedStore>;
  readonly #userDirectory: string;

  /** @param userDirectory absolute path of Node-RED's user directory */
  constructor(stores: Deployed<DeployedStore>, userDirectory: string) {
    this.#stores = stores;
    this.#userDirectory = userDirectory;
  }

  get defaultPath(): string {
    return this.resolve("");
  }

  /** A configured `path` as an absolute one. */
  resolve(path: string): string {
    return resolve(this.#userDirectory, path || DEFAULT_FOLDER);
  }

  /**
   * The folder of a store.
   *
   * @throws UnknownStoreError if no such node is deployed
   */
  pathOf(store: string): string {
    if (store === "") return this.defaultPath;
    const node = this.#stores.get(store);
    if (node === undefined) throw new UnknownStoreError(store);
    return node.path;
  }

  /** The node deployed for a folder, with its id, or undefined where there is none. */
  at(path: string): (DeployedStore & { id: string }) | undefined {
    const found = this.#stores.entries().find(([, store]) => store.path === path);
    return found && { id: found[0], ...found[1] };
  }

  /** Secrets of integrations given in messages are sealed under this; empty if none was entered. */
  encryptionKeyAt(path: string): string {
    return this.at(path)?.encryptionKey ?? "";
  }
}

/** A property `store` names no deployed `webhook-store` node. */
export class UnknownStoreError extends Error {
  override readonly name = "UnknownStoreError";

  constructor(store: string) {
    super(`store is ${JSON.stringify(store)}, expected the id of a deployed webhook-store node that works, or nothing`);
  }
}
