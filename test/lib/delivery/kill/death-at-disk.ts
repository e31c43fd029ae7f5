import fs from "node:fs";

/** What a process that dies at the disk is doing: writing the journal, writing other files, or deleting a segment. */
export type DiskWork = "flush" | "checkpoint" | "drop";

/** A process dies in the course of its `count`th step of some work, when so large a share of the step is done. */
export interface DeathAtDisk {
  during: DiskWork;
  count: number;
  share: number;
}

type Data = Buffer | string;

/** From now on, this process kills itself at a certain write. To be called before the store is opened. */
export function dieAtDisk({ during, count, share }: DeathAtDisk): void {
  let left = count;
  const isDue = (work: DiskWork) => {
    if (work === during) left -= 1;
    return work === during && left === 0;
  };
  const die = () => process.kill(process.pid, "SIGKILL");
  const part = (data: Data) => Buffer.from(data).subarray(0, Math.floor(share * Buffer.byteLength(data)));
  const { writeSync, rmSync } = fs;
  const { open, rename } = fs.promises;

  /** Does a step that is whole or not done at all. */
  const whole = async (work: DiskWork, step: () => unknown) => {
    const isLast = isDue(work);
    if (isLast && share < 0.5) die();
    await step();
    if (isLast) die();
  };
  Object.assign(fs, {
    writeSync: (fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
      if (!isDue("flush")) return writeSync(fd, bytes, offset, length, position);
      writeSync(fd, bytes, offset, Math.floor(share * length), position);
      return die();
    },
    rmSync: (file: string, options: fs.RmOptions) => {
      const isLast = isDue("drop");
      if (isLast && share < 0.5) die();
      rmSync(file, options);
      if (isLast) die();
    },
  });
  Object.assign(fs.promises, {
    rename: (from: string, to: string) => whole("checkpoint", () => rename(from, to)),
    open: async (file: string, flags: string, mode: number) => {
      const handle = await open(file, flags, mode);
      const { writeFile, appendFile } = handle;
      const dyingIn = (write: (data: Data) => Promise<void>) => async (data: Data) => {
        if (!isDue("checkpoint")) return await write.call(handle, data);
        await write.call(handle, part(data));
        die();
      };
      return Object.assign(handle, { writeFile: dyingIn(writeFile), appendFile: dyingIn(appendFile) });
    },
  });
}
