import fs from "node:fs";

/** What a process that dies at the disk is doing: writing the journal, writing other files, or deleting a segment. */
export type DiskWork = "flush" | "checkpoint" | "drop";

/** A process dies in the course of its `count`th step of some work, when so large a share of the step is done. */
export interface DeathAtDisk {
  during: DiskWork;
  count: number;
  share: number;
}

/** From now on, this process kills itself at a certain step. To be called before the store is opened. */
export function dieAtDisk({ during, count, share }: DeathAtDisk): void {
  let left = count;
  const isDue = (work: DiskWork) => {
    if (work === during) left -= 1;
    return work === during && left === 0;
  };
  const die = () => process.kill(process.pid, "SIGKILL");
  const { writeSync, writeFileSync, renameSync } = fs;
  const { rename, rm } = fs.promises;

  /** A step that is done or not, and cannot be half done. */
  const whole =
    <Step extends unknown[], Result>(work: DiskWork, step: (...of: Step) => Result) =>
    (...of: Step): Result => {
      const isLast = isDue(work);
      if (isLast && share < 0.5) die();
      const result = step(...of);
      if (isLast) die();
      return result;
    };
  Object.assign(fs, {
    writeSync: (fd: number, bytes: Buffer, offset: number, length: number, position: number) => {
      if (!isDue("flush")) return writeSync(fd, bytes, offset, length, position);
      writeSync(fd, bytes, offset, Math.floor(share * length), position);
      return die();
    },
    writeFileSync: (file: number | string, text: string, options: fs.WriteFileOptions) => {
      if (!isDue("checkpoint")) return writeFileSync(file, text, options);
      writeFileSync(file, Buffer.from(text).subarray(0, Math.floor(share * Buffer.byteLength(text))), options);
      return die();
    },
    renameSync: whole("checkpoint", renameSync),
  });
  Object.assign(fs.promises, { rename: whole("checkpoint", rename), rm: whole("drop", rm) });
}
