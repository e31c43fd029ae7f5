import { type BenchIntegration, PIPELINE, pipelineFlow } from "../flows";
import { interleaved, rate, ratio } from "../interleaved";
import type { Row } from "../row";

const MANY = 1_000;

/** Whether each integration costs something, even if the others have nothing to do. */
export const manyIntegrations: Row = {
  name: "many-integrations",
  async measure(bench) {
    const { deliveries, inFlight } = bench.settings;
    const integrations = Array.from({ length: MANY }, (_, index): BenchIntegration => {
      const name = `integration-${index}`;
      return { id: `to-${name}`, url: bench.receiver.url(`/${name}`), project: name, concurrency: 4 };
    });
    const url = bench.receiver.url("/one");
    const many = await bench.sender(pipelineFlow(integrations));
    const one = await bench.sender(pipelineFlow([{ id: "to-one", url, project: "one", concurrency: inFlight }]));
    const projects = integrations.map(({ project }) => project);
    const laps = await interleaved(bench, {
      many: () => many.feed(PIPELINE, deliveries, inFlight, projects),
      one: () => one.feed(PIPELINE, deliveries, inFlight, ["one"]),
    });
    return [
      {
        what: `throughput with ${MANY.toLocaleString("en")} integrations / with one`,
        value: ratio(laps.many, laps.one, "perSecond"),
        unit: "",
        goal: { atLeast: 0.85 },
        detail: `${rate(laps.many)} / ${rate(laps.one)}`,
      },
    ];
  },
};
