import { PIPELINE, pipelineFlow } from "../flows";
import { interleaved, ratio, time } from "../interleaved";
import type { Row } from "../row";

/** One at a time takes longer: fewer do. */
const SHARE = 0.2;

/** How long one delivery takes when nothing else is under way. */
export const latency: Row = {
  name: "latency",
  async measure(bench) {
    const count = Math.ceil(bench.settings.deliveries * SHARE);
    const project = "shop";
    const url = bench.receiver.url("/pipeline");
    const pipeline = await bench.sender(pipelineFlow([{ id: "receiver", url, project, concurrency: 4 }]));
    const bare = await bench.sender([]);
    const laps = await interleaved(bench, {
      pipeline: () => pipeline.feed(PIPELINE, count, 1, [project]),
      bare: () => bare.bare("/bare", count, 1),
    });
    return [
      {
        what: "median latency, one at a time: durable pipeline / bare undici pool",
        value: ratio(laps.pipeline, laps.bare, "medianMs"),
        unit: "",
        goal: { atMost: 1.5 },
        detail: `${time(laps.pipeline)} / ${time(laps.bare)}`,
      },
    ];
  },
};
