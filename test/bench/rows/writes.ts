import { setTimeout as wait } from "node:timers/promises";
import { medianOf } from "../closed-loop";
import { PIPELINE, pipelineFlow } from "../flows";
import type { Figure, Row } from "../row";
import type { SenderProcess } from "../sender-process";
import { WrittenBytes } from "../written-bytes";

const IDLE_MS = 10_000;

interface Written {
  /** By what the files show. */
  bytes: number;
  /** By what the kernel says, in whole pages; null where it says nothing. */
  diskBytes: number | null;
}

/** What is written to disk for a delivery under load, and when nothing happens. Many disks wear out by writing. */
export const writes: Row = {
  name: "writes",
  async measure(bench) {
    const { deliveries, inFlight, rounds } = bench.settings;
    const project = "shop";
    const directory = bench.userDirectory();
    const url = bench.receiver.url("/pipeline");
    const flows = pipelineFlow([{ id: "receiver", url, project, concurrency: inFlight }]);
    const sender = await bench.sender(flows, directory);
    await sender.feed(PIPELINE, deliveries, inFlight, [project]);
    const perDelivery: Written[] = [];
    for (let round = 0; round < rounds; round++) {
      const work = () => sender.feed(PIPELINE, deliveries, inFlight, [project]);
      const { bytes, diskBytes } = await written(directory.storePath, sender, work);
      perDelivery.push({ bytes: bytes / deliveries, diskBytes: diskBytes === null ? null : diskBytes / deliveries });
    }
    await sender.quiet();
    const idle = await written(directory.storePath, sender, () => wait(IDLE_MS));
    return [
      ...figures(`bytes written per delivery, ${inFlight} in flight`, perDelivery, 4_000),
      ...figures(`bytes written in ${IDLE_MS / 1_000} s when idle`, [idle], 0),
    ];
  },
};

async function written(folder: string, sender: SenderProcess, work: () => Promise<unknown>): Promise<Written> {
  const before = sender.diskBytes();
  const files = new WrittenBytes(folder);
  await work();
  const bytes = files.stop();
  const after = sender.diskBytes();
  return { bytes, diskBytes: before === null || after === null ? null : after - before };
}

function figures(what: string, written: readonly Written[], most: number): Figure[] {
  const figure = (suffix: string, values: readonly number[]): Figure => {
    const [value, unit] = [Math.round(medianOf(values)), "bytes"] as const;
    return { what: `${what} (${suffix})`, value, unit, goal: { atMost: most }, detail: "" };
  };
  const disk = written.flatMap(({ diskBytes }) => diskBytes ?? []);
  return [
    figure(
      "the store's files",
      written.map(({ bytes }) => bytes),
    ),
    ...(disk.length > 0 ? [figure("the whole process, in pages", disk)] : []),
  ];
}
