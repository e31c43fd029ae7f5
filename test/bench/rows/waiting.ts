import { fillStore } from "../filled-store";
import { PIPELINE, pipelineFlow } from "../flows";
import { interleaved, rate, ratio } from "../interleaved";
import type { Row } from "../row";
import type { SenderProcess } from "../sender-process";
import type { Workbench } from "../workbench";

const UNREACHABLE = "http://127.0.0.1:9/";
const OTHER = "other";
const PROJECT = "shop";

/** What waits for one integration must not slow another one down. */
export const waiting: Row = {
  name: "waiting",
  async measure(bench) {
    const { deliveries, inFlight, waiting } = bench.settings;
    const none = await senderWith(bench, 0, false);
    const paused = await senderWith(bench, waiting, false);
    const retries = await senderWith(bench, waiting, true);
    const lap = (sender: SenderProcess) => () => sender.feed(PIPELINE, deliveries, inFlight, [PROJECT]);
    const laps = await interleaved(bench, { none: lap(none), paused: lap(paused), retries: lap(retries) });
    const count = waiting.toLocaleString("en");
    const goal = { atLeast: 0.85 };
    return [
      {
        what: `throughput with ${count} waiting for another, paused integration / with none`,
        value: ratio(laps.paused, laps.none, "perSecond"),
        ...{ unit: "", goal },
        detail: `${rate(laps.paused)} / ${rate(laps.none)}`,
      },
      {
        what: `throughput with ${count} retries of another integration to come / with none`,
        value: ratio(laps.retries, laps.none, "perSecond"),
        ...{ unit: "", goal },
        detail: `${rate(laps.retries)} / ${rate(laps.none)}`,
      },
    ];
  },
};

async function senderWith(bench: Workbench, count: number, failedOnce: boolean): Promise<SenderProcess> {
  const { inFlight } = bench.settings;
  const directory = bench.userDirectory();
  const url = bench.receiver.url("/healthy");
  const flows = pipelineFlow([
    { id: "healthy", url, project: PROJECT, concurrency: inFlight },
    { id: OTHER, url: UNREACHABLE, project: "elsewhere", concurrency: 4 },
  ]);
  if (count > 0) {
    bench.say(`  putting ${count} ${failedOnce ? "retries" : "deliveries"} into a store`);
    await fillStore(directory.storePath, { integration: OTHER, count, failedOnce });
  }
  const sender = await bench.sender(flows, directory);
  await sender.quiet();
  return sender;
}
