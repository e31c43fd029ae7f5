import { openStore } from "../../../../nodes/lib/store/open-store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";

/** A process of its own: opens the store in the folder given, says so, and keeps it until its input ends. */
openStore({ path: process.argv[2] ?? "", settings: DEFAULT_STORE_SETTINGS }).then(
  (store) => {
    process.stdout.write("open\n");
    process.stdin.on("end", () => void store.close()).resume();
  },
  (error: unknown) => process.stdout.write(`${String(error)}\n`),
);
