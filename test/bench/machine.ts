import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";

const PACKAGES = ["node-red", "undici", "lowdb"];

/** On what the figures were made. */
export interface Machine {
  system: string;
  processor: string;
  memoryGb: number;
  versions: Record<string, string>;
  /** Processes that wanted a core when the run began: more than a few, and the figures are of little use. */
  load: number;
}

export function thisMachine(): Machine {
  const all = cpus();
  const versions = Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)]));
  return {
    system: `${type()} ${release()}`,
    processor: `${all.length} × ${all[0]?.model.trim() || "unknown"}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    versions: { node: process.versions.node, ...versions },
    load: loadavg()[0] ?? 0,
  };
}

function versionOf(name: string): string {
  for (const folder of module.paths) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")).version;
    } catch {}
  }
  return "unknown";
}
