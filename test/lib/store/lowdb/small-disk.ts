import { execFileSync } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** A disk of a few hundred kB that can be filled up. */
export class SmallDisk {
  readonly #sudo: string[];

  private constructor(
    readonly path: string,
    sudo: string[],
  ) {
    this.#sudo = sudo;
  }

  /** Null where this user may not mount one. */
  static async make(kilobytes: number): Promise<SmallDisk | null> {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "disk-"));
    const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0},mode=700`;
    const options = ["-t", "tmpfs", "-o", `size=${kilobytes}k,${owner}`, "tmpfs", folder];
    for (const sudo of [[], ["sudo", "-n"]]) {
      try {
        run([...sudo, "mount", ...options]);
        return new SmallDisk(folder, sudo);
      } catch {
        // Then by the next way, or not at all.
      }
    }
    await fs.rmdir(folder);
    return null;
  }

  /** Takes all the room there is but so many bytes. */
  async fill(leave: number): Promise<void> {
    const { bavail, bsize } = await fs.statfs(this.path);
    await fs.writeFile(path.join(this.path, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  }

  async makeRoom(): Promise<void> {
    await fs.rm(path.join(this.path, "filler"));
  }

  makeReadOnly(): void {
    run([...this.#sudo, "mount", "-o", "remount,ro", this.path]);
  }

  async remove(): Promise<void> {
    run([...this.#sudo, "umount", this.path]);
    await fs.rmdir(this.path);
  }
}

function run([command = "", ...options]: string[]): void {
  execFileSync(command, options, { stdio: "ignore" });
}
