import { CORE, coreFlow, PIPELINE, pipelineFlow } from "../flows";
import { interleaved, rate, ratio } from "../interleaved";
import type { Row } from "../row";

/** The core node is slower by far: it need not send as many for a rate. */
const CORE_SHARE = 0.2;

/** How much the pipeline delivers, beside what is possible at all and beside what a flow could do without it. */
export const throughput: Row = {
  name: "throughput",
  async measure(bench) {
    const { deliveries, inFlight } = bench.settings;
    const { receiver } = bench;
    const project = "shop";
    const integration = { id: "receiver", url: receiver.url("/pipeline"), project, concurrency: inFlight };
    const pipeline = await bench.sender(pipelineFlow([integration]));
    const core = await bench.sender(coreFlow(receiver.url("/core")));
    const bare = await bench.sender([]);
    const laps = await interleaved(bench, {
      pipeline: () => pipeline.feed(PIPELINE, deliveries, inFlight, [project]),
      bare: () => bare.bare("/bare", deliveries, inFlight),
      core: () => core.feed(CORE, Math.ceil(deliveries * CORE_SHARE), inFlight, [project]),
    });
    checkEqual(await receiver.received());
    return [
      {
        what: `durable pipeline / bare undici pool, ${inFlight} in flight`,
        value: ratio(laps.pipeline, laps.bare, "perSecond"),
        unit: "",
        goal: { atLeast: 0.9 },
        detail: `${rate(laps.pipeline)} / ${rate(laps.bare)}`,
      },
      {
        what: `durable pipeline / core http request node (persist), ${inFlight} in flight`,
        value: ratio(laps.pipeline, laps.core, "perSecond"),
        unit: "",
        goal: { atLeast: 5 },
        detail: `${rate(laps.pipeline)} / ${rate(laps.core)}`,
      },
    ];
  },
};

/** A comparison is one only if all sent the same. */
function checkEqual(received: Record<string, { requests: number; bodyBytes: number; signed: boolean }>): void {
  const sizes = new Set(Object.values(received).map(({ bodyBytes, requests }) => bodyBytes / requests));
  const allSigned = Object.values(received).every(({ signed }) => signed);
  if (sizes.size !== 1 || !allSigned) throw new Error(`the peers sent different things: ${JSON.stringify(received)}`);
}
