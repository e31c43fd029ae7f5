import { fillStore } from "../filled-store";
import { ACCEPTING, pipelineFlow } from "../flows";
import type { Row } from "../row";

const MB = 1_000_000;
const UNREACHABLE = "http://127.0.0.1:9/";
const OTHER = "other";
const PROJECT = "elsewhere";

/** What it costs in memory that much waits: after it came in, and after a restart. */
export const memory: Row = {
  name: "memory",
  async measure(bench) {
    const { waiting, inFlight, deliveries } = bench.settings;
    const flows = pipelineFlow([{ id: OTHER, url: UNREACHABLE, project: PROJECT, concurrency: 4 }]);
    const count = waiting.toLocaleString("en");
    const goal = { atMost: 150 };

    const sender = await bench.sender(flows);
    const idle = await sender.residentBytes();
    bench.say(`  accepting ${count}`);
    for (let left = waiting; left > 0; left -= deliveries) {
      await sender.feed(ACCEPTING, Math.min(left, deliveries), inFlight, [PROJECT]);
    }
    const accepted = await sender.residentBytes();
    await sender.kill();

    const directory = bench.userDirectory();
    await fillStore(directory.storePath, { integration: OTHER, count: waiting, failedOnce: true });
    const restarted = await bench.sender(flows, directory);
    const found = await restarted.residentBytes();

    const detail = (bytes: number) => `${(bytes / MB).toFixed(0)} MB, idle ${(idle / MB).toFixed(0)} MB`;
    return [
      {
        what: `memory above idle, ${count} accepted and waiting`,
        value: (accepted - idle) / MB,
        ...{ unit: "MB", goal, detail: detail(accepted) },
      },
      {
        what: `memory above idle, ${count} retries found at start`,
        value: (found - idle) / MB,
        ...{ unit: "MB", goal, detail: detail(found) },
      },
    ];
  },
};
