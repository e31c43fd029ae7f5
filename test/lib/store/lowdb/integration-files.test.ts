import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { folderName } from "../../../../nodes/lib/store/lowdb/integration-files";
import { delivery } from "../sample-delivery";
import { openAt } from "./lowdb-files";

const HOSTILE = [
  "",
  ".",
  "..",
  "../../etc/passwd",
  "/absolute",
  "C:\\windows",
  "con",
  "NUL",
  "a\0b",
  "line\nbreak",
  "ends with dot.",
  "ends with space ",
  "ü".repeat(300),
  "x".repeat(5_000),
  "__proto__",
  "constructor",
  "🧨",
  '*?<>|:"',
  "Case",
  "case",
];

describe("lowdb store: a folder for each integration", () => {
  it("gives every id a name of its own that every file system takes", () => {
    const names = HOSTILE.map(folderName);
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, HOSTILE.length);
    for (const name of names) assert.match(name, /^[a-z0-9_-]{0,40}-[0-9a-f]{16}$/);
    assert.match(folderName("customer-42"), /^customer-42-/);
  });

  it("keeps each hostile id's state inside the store's folder", async () => {
    const outside = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    const folder = path.join(outside, "inner", "store");
    try {
      const store = await openAt(folder);
      for (const integration of HOSTILE) await store.accept(delivery({ integration }));
      await store.close();
      const again = await openAt(folder, { integrations: HOSTILE });
      assert.deepEqual((await again.integrations()).sort(), [...HOSTILE].sort());
      const claimed = (await again.claim(100)).deliveries;
      assert.deepEqual(claimed.map(({ integration }) => integration).sort(), [...HOSTILE].sort());
      await again.close();
      assert.deepEqual(await fs.readdir(outside), ["inner"]);
      assert.deepEqual(await fs.readdir(path.join(outside, "inner")), ["store"]);
      assert.equal((await fs.readdir(path.join(folder, "integrations"))).length, HOSTILE.length);
    } finally {
      await fs.rm(outside, { recursive: true, force: true });
    }
  });

  it("lets nobody else read what it holds", async function () {
    if (process.platform === "win32") this.skip();
    const outside = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    try {
      const folder = path.join(outside, "store");
      const store = await openAt(folder);
      await store.accept(delivery());
      await store.close();
      assert.equal((await fs.stat(folder)).mode & 0o077, 0);
      for (const entry of await fs.readdir(folder, { withFileTypes: true, recursive: true })) {
        if (!entry.isFile()) continue;
        assert.equal((await fs.stat(path.join(entry.parentPath, entry.name))).mode & 0o077, 0, entry.name);
      }
    } finally {
      await fs.rm(outside, { recursive: true, force: true });
    }
  });
});
