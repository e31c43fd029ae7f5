import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

/** Another process works with the same store. */
export class StoreLockedError extends Error {
  override readonly name = "StoreLockedError";
  constructor(readonly path: string) {
    super(
      `the folder ${path} is in use by another process: stop that Node-RED, or give this store a path of its own (webhook-store, field path)`,
    );
  }
}

/** Longest path of a Unix socket that every platform takes, bytes, with room for the suffix of a successor. */
const LONGEST_SOCKET_PATH = 92;
/** How long after taking over a dead process's lock another taker could still replace it. */
const SETTLE_MS = 50;

export interface ProcessLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that works with a folder. The lock is a listening socket: the kernel knows whether its
 * owner lives, so a killed process leaves nothing to clean up by hand, a reused process id fools nobody, containers that
 * share the folder see each other, and nothing needs to be written to keep it.
 */
export async function lockFolder(folder: string): Promise<ProcessLock> {
  const inside = path.join(folder, "lock");
  const outside = path.join(os.tmpdir(), `comment-webhooks-${digest(fs.realpathSync(folder))}`);
  if (process.platform === "win32") return await lock(`\\\\.\\pipe\\${path.basename(outside)}`, folder);
  if (Buffer.byteLength(inside) > LONGEST_SOCKET_PATH) return await lock(outside, folder);
  try {
    return await lock(inside, folder);
  } catch (error) {
    // Some file systems (shared folders of virtual machines, FAT) hold no sockets.
    if (["ENOTSUP", "EOPNOTSUPP", "EPERM", "EINVAL"].includes(codeOf(error))) return await lock(outside, folder);
    throw error;
  }
}

async function lock(address: string, folder: string): Promise<ProcessLock> {
  const server = net.createServer((socket) => socket.destroy());
  try {
    await listen(server, address);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw error;
    if (await answers(address)) throw new StoreLockedError(folder);
    return await takeOver(server, address, folder);
  }
  server.unref();
  return { release: () => close(server) };
}

/**
 * Puts a socket of our own in the place of a dead process's. If several processes do that at once, the last one has it. A
 * server that closes removes the path on which it began to listen: that must not be the one that may be another's by then.
 */
async function takeOver(server: net.Server, address: string, folder: string): Promise<ProcessLock> {
  const beside = `${address}.${randomBytes(4).toString("hex")}`;
  await listen(server, beside);
  const mine = inode(beside);
  // Asked again as late as can be: another may have taken over while this one began to listen.
  if (await answers(address)) {
    await close(server);
    throw new StoreLockedError(folder);
  }
  fs.renameSync(beside, address);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  if (inode(address) !== mine) {
    await close(server);
    throw new StoreLockedError(folder);
  }
  server.unref();
  return {
    release: async () => {
      if (inode(address) === mine) fs.rmSync(address, { force: true });
      await close(server);
    },
  };
}

function inode(address: string): number | undefined {
  return fs.statSync(address, { throwIfNoEntry: false })?.ino;
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function listen(server: net.Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: address, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Anything but a plain "nobody listens" may be a live owner.
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(codeOf(error))));
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}
