import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openStore, StoreLockedError } from "../../../../nodes/lib/store/open-store";
import { DEFAULT_STORE_SETTINGS } from "../../../../nodes/lib/store/store-settings";
import { delivery } from "../sample-delivery";
import { openAt } from "./lowdb-files";

const HOLDER = path.join(__dirname, "hold-store.ts");

/** Another process that opens the store in a folder, says how that went, and keeps it until it is ended. */
async function holder(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", HOLDER, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(child.stdout ?? assert.fail(), "data");
  return { child, said: String(line).trim() };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

describe("lowdb store: one process at a time", function () {
  this.timeout(30_000);
  let outside: string;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    outside = await fs.mkdtemp(path.join(os.tmpdir(), "store-"));
    folder = path.join(outside, "store");
  });
  afterEach(async () => {
    for (const child of children.splice(0))
      if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
    await fs.rm(outside, { recursive: true, force: true });
  });
  const hold = async () => {
    const held = await holder(folder);
    children.push(held.child);
    return held;
  };

  it("refuses a second process with words that say what to do, and leaves the first alone", async () => {
    const store = await openAt(folder, { integrations: ["one"] });
    const { said } = await hold();
    assert.match(said, /^StoreLockedError: the folder .*store is in use by another process: .*field path/);
    await store.accept(delivery({ integration: "one" }));
    await store.close();
    assert.equal((await hold()).said, "open");
  });

  it("refuses this process while another has the folder", async () => {
    assert.equal((await hold()).said, "open");
    await assert.rejects(openAt(folder), StoreLockedError);
  });

  it("refuses to open a folder twice within a process, also by another name", async () => {
    const store = await openAt(folder);
    await assert.rejects(openAt(folder), StoreLockedError);
    const alias = path.join(outside, "alias");
    await fs.symlink(folder, alias);
    await assert.rejects(openAt(alias), StoreLockedError);
    await store.close();
    await (await openAt(alias)).close();
  });

  it("takes over from a process that was killed", async () => {
    const { child, said } = await hold();
    assert.equal(said, "open");
    await end(child, "SIGKILL");
    const store = await openAt(folder);
    await assert.rejects(openAt(folder), StoreLockedError);
    await store.close();
    await (await openAt(folder)).close();
  });

  it("lets one of several have what a killed process left", async () => {
    const { child } = await hold();
    await end(child, "SIGKILL");
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => openAt(folder)));
    const opened = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    assert.equal(opened.length, 1);
    for (const each of tries) if (each.status === "rejected") assert.ok(each.reason instanceof StoreLockedError);
    for (const store of opened) {
      await assert.rejects(openAt(folder), StoreLockedError);
      await store.close();
    }
    await (await openAt(folder)).close();
  });

  it("works where the path is too long for a socket", async () => {
    folder = path.join(outside, "a".repeat(120), "b".repeat(120));
    const store = await openAt(folder);
    assert.match((await hold()).said, /StoreLockedError/);
    await store.close();
    const { child, said } = await hold();
    assert.equal(said, "open");
    await end(child, "SIGKILL");
    await (await openAt(folder)).close();
  });

  it("leaves no lock behind when opening fails, and says which file is in the way", async () => {
    await fs.mkdir(folder);
    await fs.writeFile(path.join(folder, "journal"), "a file where a folder should be");
    const options = { path: folder, settings: DEFAULT_STORE_SETTINGS };
    await assert.rejects(openStore(options), /journal/);
    await fs.rm(path.join(folder, "journal"));
    await (await openStore(options)).close();
  });

  it("closes twice without harm", async () => {
    const store = await openAt(folder);
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });
});
