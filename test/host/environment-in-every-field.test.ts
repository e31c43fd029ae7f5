import assert from "node:assert/strict";
import { DEFAULTS } from "../editor/node-types";
import { EmbeddedRuntime, type FlowNode } from "./embedded-runtime";
import { integration, tab } from "./flows";

/** Any text is right for a name, so `${…}` is too. */
const FREE_TEXT = ["name"];

/** Where the default does not say what may be entered. */
const VALUES: Readonly<Record<string, string>> = {
  integration: "hooks",
  organization: "acme",
  mapping: "payload",
  carry: "ticket, customer",
  mailer: "mail",
  recipients: "ada@example.com, grace@example.com",
  baseUrl: "https://example.com/integrations",
  path: "store-in-environment",
  host: "mail.example.com",
  port: "2525",
  from: "Webhooks <webhooks@example.com>",
  folder: "mails-in-environment",
  installation: "7a485448-a9e2-4c85-8a3c-4f44175783c9",
  url: "https://example.com/hooks",
  projects: '["shop"]',
  owners: "ada@example.com",
};

interface Field {
  type: string;
  property: string;
  /** What is entered once the variable is set. */
  value: string;
}

const FIELDS = Object.entries(DEFAULTS).flatMap(([type, defaults]) =>
  Object.entries(defaults)
    .filter(([property]) => !FREE_TEXT.includes(property))
    .map(([property, value]): Field => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return { type, property, value: VALUES[property] ?? text };
    }),
);

/** Needed beside the one that is looked at, for it to be looked at. */
const COMPANY: Readonly<Record<string, Record<string, unknown>>> = {
  "webhook-integration": { url: "https://example.com/hooks" },
  "owner-mailer": { transport: "smtp", host: "mail.example.com", from: "webhooks@example.com" },
};

const idOf = ({ type, property }: Field) => `${type}-${property}`;
const variableOf = ({ type, property }: Field) => `${type}_${property}`.replaceAll("-", "_").toUpperCase();

/** A node for each field, with nothing but a variable in that field. */
function nodeWith(field: Field): FlowNode {
  const { type, property } = field;
  const own = {
    ...(type === "webhook-store" && { path: `folder of ${idOf(field)}` }),
    ...(property === "folder" && { transport: "folder" }),
    [property]: `\${${variableOf(field)}}`,
  };
  return { id: idOf(field), type, z: "tab", ...COMPANY[type], ...own, ...position(type) };
}

function position(type: string): Record<string, unknown> {
  const isConfig = ["webhook-integration", "webhook-store", "owner-mailer"].includes(type);
  return isConfig ? {} : { x: 100, y: 100, wires: [] };
}

const OTHERS = [
  integration("hooks", "https://example.com/hooks"),
  { id: "mail", type: "owner-mailer", name: "", transport: "folder" },
];

describe("environment variables in every field of every node type", () => {
  let runtime: EmbeddedRuntime;

  before(async () => {
    runtime = await EmbeddedRuntime.start();
  });
  after(() => runtime.stop());
  beforeEach(() => runtime.forget());

  it("are named with the field where they are not set", async () => {
    await runtime.deploy([tab(), ...OTHERS, ...FIELDS.map(nodeWith)]);
    const silent = FIELDS.filter((field) => {
      const name = `${field.type}.${field.property}`;
      const said = [name, `the environment variable ${variableOf(field)} is not set`];
      return !runtime.log.some((line) => said.every((words) => line.includes(words)));
    });
    assert.deepEqual(silent.map(idOf), []);
  });

  it("are taken as what the field is where they are set", async () => {
    const env = FIELDS.map((field) => ({ name: variableOf(field), type: "str", value: field.value }));
    await runtime.deploy([tab("tab", { env }), ...OTHERS, ...FIELDS.map(nodeWith)]);
    assert.deepEqual(
      runtime.log.filter((line) => line.includes("expected")),
      [],
    );
    assert.deepEqual(
      [...runtime.statuses].filter(([, { fill }]) => fill === "red"),
      [],
    );
  });
});
