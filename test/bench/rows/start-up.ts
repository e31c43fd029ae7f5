import { performance } from "node:perf_hooks";
import { medianOf } from "../closed-loop";
import { fillStore } from "../filled-store";
import { pipelineFlow } from "../flows";
import type { Row } from "../row";
import type { Workbench } from "../workbench";

const INTEGRATION = "receiver";
const PATH = "/start-up";

/** From the start of the process, with all that Node-RED does, until the first of those that waited arrives. */
export const startUp: Row = {
  name: "start-up",
  async measure(bench) {
    const { waiting, rounds } = bench.settings;
    const full: number[] = [];
    const one: number[] = [];
    for (let round = 0; round < rounds; round++) {
      full.push(await firstArrival(bench, waiting));
      one.push(await firstArrival(bench, 1));
      bench.say(`  round ${round + 1}: ${full.at(-1)?.toFixed(2)} s, with one waiting ${one.at(-1)?.toFixed(2)} s`);
    }
    return [
      {
        what: `start of the process with ${waiting.toLocaleString("en")} waiting until the first arrives`,
        value: medianOf(full),
        unit: "s",
        goal: { atMost: 3 },
        detail: `with one waiting: ${medianOf(one).toFixed(2)} s`,
      },
    ];
  },
};

async function firstArrival(bench: Workbench, count: number): Promise<number> {
  const directory = bench.userDirectory();
  const url = bench.receiver.url(PATH);
  const before = await bench.sender(
    pipelineFlow([{ id: INTEGRATION, url, project: "shop", concurrency: 4 }]),
    directory,
  );
  await before.stop();
  await fillStore(directory.storePath, { integration: INTEGRATION, count, failedOnce: false });
  await bench.receiver.received();
  const startedAt = performance.now();
  const started = bench.sender(null, directory);
  await bench.receiver.firstAt(PATH);
  const seconds = (performance.now() - startedAt) / 1_000;
  await started;
  await bench.clear();
  return seconds;
}
