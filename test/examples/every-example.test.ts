import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runInNewContext } from "node:vm";
import RED from "node-red";
import { EmbeddedRuntime, type FlowNode } from "../host/embedded-runtime";
import { exampleFiles, readExample } from "./example-flows";

const NODES = resolve(__dirname, "..", "..", "nodes");
const OURS = [
  "webhook-store",
  "webhook-integration",
  "owner-mailer",
  "comment-webhook-build",
  "webhook-send",
  "error-tracker",
  "integration-health-check",
  "notify-owners",
];

interface Definition {
  category: string;
  outputs?: number;
  defaults: Record<string, { type?: string }>;
}

/** What a node's dialog registers: its defaults are the properties that a stored flow has. */
function definitionOf(type: string): Definition {
  const html = readFileSync(join(NODES, type, `${type}.html`), "utf8");
  const [, script = ""] = /<script type="text\/javascript">(.*?)<\/script>/s.exec(html) ?? [];
  let registered: Definition | undefined;
  const nothing: unknown = new Proxy(() => nothing, { get: () => nothing, apply: () => nothing });
  const nodes = { registerType: (_: string, definition: Definition) => (registered = definition) };
  runInNewContext(script, {
    RED: { nodes, validators: nothing },
    $: nothing,
    window: {},
    commentWebhooks: nothing,
    CommentWebhooks: nothing,
  });
  assert.ok(registered, `${type}.html registers nothing`);
  return registered;
}

/** Ids to which a node's properties refer: wires, links, scopes, groups, config nodes. */
function references(node: FlowNode): string[] {
  const { wires, links, scope, nodes, z, g } = node;
  const configNodes = OURS.includes(node.type)
    ? Object.entries(definitionOf(node.type).defaults).flatMap(([name, { type }]) => (type ? [node[name]] : []))
    : [];
  return [wires, links, scope, nodes, z, g, configNodes]
    .flat(3)
    .filter((id): id is string => typeof id === "string" && id !== "");
}

describe("every example", () => {
  const files = exampleFiles();
  const complaints: string[] = [];
  let runtime: EmbeddedRuntime;

  before(async () => {
    const handler = () => (line: { msg?: unknown }) => complaints.push(String(line.msg));
    runtime = await EmbeddedRuntime.start({ logging: { complaints: { level: "warn", handler } } });
  });
  after(() => runtime.stop());

  it("is found", () => {
    assert.ok(files.includes("01 - Comment webhook pipeline.json"));
  });

  it("can be imported beside all others", () => {
    const claimed = files.flatMap((file) => readExample(file).flows.flatMap(claims));
    assert.deepEqual(
      claimed.filter((claim, index) => claimed.indexOf(claim) !== index),
      [],
    );
  });

  for (const file of files) {
    describe(file, () => {
      const { flows, credentials } = readExample(file);
      const ids = new Set(flows.map(({ id }) => id));

      it("runs without a word of complaint", async () => {
        complaints.length = 0;
        runtime.forget();
        await runtime.deploy(flows, credentials);
        const { nodes } = RED as unknown as { nodes: { getNode(id: string): object | null } };
        const canvas = ["tab", "group", "subflow"];
        const missing = flows.filter(
          ({ id, type, z }) => !canvas.includes(type) && !isInSubflow(flows, z) && nodes.getNode(id) === null,
        );
        assert.deepEqual(missing, []);
        assert.deepEqual(complaints, []);
        assert.deepEqual(
          [...runtime.statuses.values()].filter(({ fill }) => fill === "red"),
          [],
        );
      });

      it("leads nowhere but to its own nodes", () => {
        const unknown = flows.flatMap((node) =>
          references(node).flatMap((id) => (ids.has(id) ? [] : [`${node.type} ${node.id}: ${id}`])),
        );
        assert.deepEqual(unknown, []);
        assert.equal(ids.size, flows.length);
      });

      it("has every property of our nodes, and a wire list for every port", () => {
        for (const node of flows.filter(({ type }) => OURS.includes(type))) {
          const { defaults, category, outputs = 0 } = definitionOf(node.type);
          const missing = Object.keys(defaults).filter((property) => !(property in node));
          assert.deepEqual(missing, [], `${node.type} ${node.id}`);
          if (category !== "config") assert.equal((node.wires as string[][]).length, outputs, node.id);
        }
      });

      it("stands on the grid and inside its groups", () => {
        const groups = new Map(flows.filter(({ type }) => type === "group").map((group) => [group.id, group]));
        for (const node of flows.filter(({ wires }) => Array.isArray(wires))) {
          assert.equal(Number(node.y) % 20, 0, `${node.type} ${node.id}`);
          const group = groups.get(String(node.g));
          if (group === undefined) continue;
          const [x, y, left, top] = [node.x, node.y, group.x, group.y].map(Number) as [number, number, number, number];
          assert.ok(x > left && x < left + Number(group.w) && y > top && y < top + Number(group.h), node.id);
          assert.ok((group.nodes as string[]).includes(node.id), node.id);
        }
      });

      it("holds no secret", () => {
        for (const secrets of Object.values(credentials)) {
          for (const value of Object.values(secrets)) assert.match(value, /^\$\{\w+\}$/);
        }
      });
    });
  }
});

/** What may not be the same in two flows of one runtime. */
function claims({ id, type, method, url, slug }: FlowNode): string[] {
  const endpoints = type === "http in" ? [`${method} ${url}`] : [];
  return [id, ...endpoints, ...(type === "webhook-integration" ? [`slug ${slug}`] : [])];
}

function isInSubflow(flows: readonly FlowNode[], z: unknown): boolean {
  return flows.some(({ id, type }) => id === z && type === "subflow");
}
