import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { FlowNode } from "../host/embedded-runtime";

const FOLDER = resolve(__dirname, "..", "..", "examples");

export interface Example {
  file: string;
  flows: FlowNode[];
  /** By node id: what stands in the file as a node's `credentials`. */
  credentials: Record<string, Record<string, string>>;
}

/** The flows in `examples/`, as they stand in their files. */
export function exampleFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
}

/** Reads an example, its credentials apart. */
export function readExample(file: string): Example {
  return parseExample(file, readFileSync(join(FOLDER, file), "utf8"));
}

/** Reads an example with new ids, as the editor's import gives them: nothing is known of its integrations. */
export function importExample(file: string): Example {
  const ids = new Map<string, string>();
  const text = readFileSync(join(FOLDER, file), "utf8").replaceAll(/"([0-9a-f]{16})"/g, (_, id: string) => {
    const fresh = ids.get(id) ?? randomBytes(8).toString("hex");
    ids.set(id, fresh);
    return `"${fresh}"`;
  });
  return parseExample(file, text);
}

function parseExample(file: string, text: string): Example {
  const credentials: Example["credentials"] = {};
  const nodes: (FlowNode & { credentials?: Record<string, string> })[] = JSON.parse(text);
  const flows = nodes.map(({ credentials: own, ...node }): FlowNode => {
    if (own !== undefined) credentials[node.id] = own;
    return node;
  });
  return { file, flows, credentials };
}
