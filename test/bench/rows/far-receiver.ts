import { PIPELINE, pipelineFlow } from "../flows";
import { interleaved, rate, ratio } from "../interleaved";
import type { Row } from "../row";

/** How much the pipeline delivers to a receiver that is not on the same machine, as most are not. */
export const farReceiver: Row = {
  name: "far-receiver",
  async measure(bench) {
    const { deliveries, inFlight } = bench.settings;
    const project = "shop";
    const integration = { id: "receiver", url: bench.receiver.url("/far/pipeline"), project, concurrency: inFlight };
    const pipeline = await bench.sender(pipelineFlow([integration]));
    const bare = await bench.sender([]);
    const laps = await interleaved(bench, {
      pipeline: () => pipeline.feed(PIPELINE, deliveries, inFlight, [project]),
      bare: () => bare.bare("/far/bare", deliveries, inFlight),
    });
    return [
      {
        what: "the same with a receiver that takes 20 ms to answer: durable pipeline / bare undici pool",
        value: ratio(laps.pipeline, laps.bare, "perSecond"),
        unit: "",
        goal: null,
        detail: `${rate(laps.pipeline)} / ${rate(laps.bare)}`,
      },
    ];
  },
};
