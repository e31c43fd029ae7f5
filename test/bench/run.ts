/**
 * Measures what the package promises, in ratios: `npm run bench`, or only some rows of it:
 * `npm run bench -- throughput latency --rounds 9 --deliveries 2000`.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { thisMachine } from "./machine";
import { type Figure, isMet, type Row } from "./row";
import { farReceiver } from "./rows/far-receiver";
import { isolation } from "./rows/isolation";
import { latency } from "./rows/latency";
import { manyIntegrations } from "./rows/many-integrations";
import { memory } from "./rows/memory";
import { startUp } from "./rows/start-up";
import { throughput } from "./rows/throughput";
import { waiting } from "./rows/waiting";
import { writes } from "./rows/writes";
import { table } from "./table";
import { Workbench } from "./workbench";

const ROWS: readonly Row[] = [
  throughput,
  farReceiver,
  latency,
  manyIntegrations,
  isolation,
  writes,
  waiting,
  memory,
  startUp,
];
const ROOT = resolve(__dirname, "..", "..");

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "7" },
      deliveries: { type: "string", default: "5000" },
      waiting: { type: "string", default: "100000" },
      "in-flight": { type: "string", default: "64" },
      dist: { type: "string", default: resolve(ROOT, "dist") },
      json: { type: "string", default: resolve(ROOT, "bench-results.json") },
    },
  });
  const unknown = positionals.find((name) => !ROWS.some((row) => row.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no row ${unknown}, only ${ROWS.map(({ name }) => name).join(", ")}.`);
  }
  return {
    rows: positionals.length === 0 ? ROWS : ROWS.filter(({ name }) => positionals.includes(name)),
    settings: {
      rounds: positive("rounds", values.rounds),
      deliveries: positive("deliveries", values.deliveries),
      waiting: positive("waiting", values.waiting),
      inFlight: positive("in-flight", values["in-flight"]),
      dist: resolve(values.dist),
    },
    json: resolve(values.json),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is ${text}, expected a whole number above 0.`);
}

async function run(): Promise<void> {
  const { rows, settings, json } = readArguments();
  const machine = thisMachine();
  const figures: Figure[] = [];
  const bench = await Workbench.open(settings);
  try {
    for (const row of rows) {
      bench.say(row.name);
      figures.push(...(await row.measure(bench)));
      await bench.clear();
    }
  } finally {
    await bench.close();
  }
  const { dist: _, ...told } = settings;
  const results = {
    at: new Date().toISOString(),
    machine,
    settings: told,
    figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })),
  };
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(table(figures, machine));
}

run().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
