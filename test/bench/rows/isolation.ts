import { ACCEPTING, type BenchIntegration, PIPELINE, pipelineFlow } from "../flows";
import { interleaved, rate, ratio } from "../interleaved";
import type { Row } from "../row";

const HANGING = 10;
/** For each of those that hang: more than its lane has room for. */
const BACKLOG = 500;
/** Longer than the row takes; and without pauses, so that they hang all the time. */
const TIMEOUT_MS = 300_000;

/** A receiver that never answers must not slow down another. */
export const isolation: Row = {
  name: "isolation",
  async measure(bench) {
    const { deliveries, inFlight } = bench.settings;
    const project = "shop";
    const url = bench.receiver.url("/healthy");
    const healthy: BenchIntegration = { id: "healthy", url, project, concurrency: inFlight };
    const hanging = Array.from({ length: HANGING }, (_, index): BenchIntegration => {
      const name = `hanging-${index}`;
      const lane = { concurrency: 4, retries: "sentry", timeout: TIMEOUT_MS } as const;
      return { id: `to-${name}`, url: bench.receiver.url(`/hang/${index}`), project: name, ...lane };
    });
    const alone = await bench.sender(pipelineFlow([healthy]));
    const beside = await bench.sender(pipelineFlow([healthy, ...hanging]));
    const projects = hanging.map((integration) => integration.project);
    await beside.feed(ACCEPTING, HANGING * BACKLOG, inFlight, projects);
    const laps = await interleaved(bench, {
      beside: () => beside.feed(PIPELINE, deliveries, inFlight, [project]),
      alone: () => alone.feed(PIPELINE, deliveries, inFlight, [project]),
    });
    return [
      {
        what: `a healthy integration's throughput beside ${HANGING} that hang / alone`,
        value: ratio(laps.beside, laps.alone, "perSecond"),
        unit: "",
        goal: { atLeast: 0.95 },
        detail: `${rate(laps.beside)} / ${rate(laps.alone)}`,
      },
    ];
  },
};
