/** What users' flows depend on: the properties of each node type, and what they are in a new node. */
export const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "comment-webhook-build": {
    name: "",
    target: "subscribed",
    integration: "",
    organization: "",
    source: "auto",
    mapping: "",
  },
  "webhook-send": { name: "", carry: [] },
  "error-tracker": { name: "" },
  "integration-health-check": {
    name: "",
    rules: [
      { rule: "fatal", days: 7 },
      { rule: "failing-days", days: 7 },
      { rule: "failing-for", hours: 120, attempts: 4, span: 24, apart: 12 },
    ],
    counting: "all",
    warnAt: 0.5,
    minWarning: 24,
    mode: "disable",
    probe: 0,
    probeEvery: 60,
  },
  "notify-owners": {
    name: "",
    mailer: "",
    recipients: [],
    kinds: ["at-risk", "disabled", "active"],
    baseUrl: "",
    templates: {},
    digestDelay: 0,
  },
  "webhook-integration": {
    name: "",
    slug: "",
    organization: "",
    installation: "",
    url: "",
    events: ["comment.created", "comment.updated", "comment.deleted"],
    projects: [],
    owners: [],
    scheme: "standard",
    timeout: 15000,
    retries: "standard",
    ordered: true,
    concurrency: 4,
    rate: 0,
    whenDisabled: "hold",
    holdDays: 7,
    holdLimit: 10000,
    maxAge: 96,
    allowPrivate: false,
    tls: "",
    proxy: "",
    store: "",
  },
  "webhook-store": {
    name: "",
    backend: "lowdb",
    path: "",
    logSize: 100,
    keepDelivered: 100,
    retentionDays: 30,
    maxBytes: 1024 ** 3,
    sync: "process",
  },
  "owner-mailer": {
    name: "",
    transport: "folder",
    host: "",
    port: "",
    secure: false,
    from: "",
    folder: "",
    tls: "",
  },
};

export const CREDENTIALS: Readonly<Record<string, Readonly<Record<string, "text" | "password">>>> = {
  "comment-webhook-build": { sourceSecret: "password" },
  "webhook-integration": { secret: "password", previousSecret: "password", headers: "password" },
  "webhook-store": { url: "password", encryptionKey: "password" },
  "owner-mailer": { user: "text", password: "password" },
};

/** On the canvas, with their number of outputs. */
export const CANVAS_TYPES: Readonly<Record<string, number>> = {
  "comment-webhook-build": 1,
  "webhook-send": 3,
  "error-tracker": 2,
  "integration-health-check": 4,
  "notify-owners": 1,
};

export const CONFIG_TYPES = ["webhook-integration", "webhook-store", "owner-mailer"];

export const TYPES = Object.keys(DEFAULTS);

/** How a flow author writes an environment variable. */
export function fromEnv(name: string): string {
  return `\${${name}}`;
}

/** A flow with the given nodes on it; config nodes belong to no flow. */
export function flowOf(nodes: readonly ({ id: string; type: string } & Record<string, unknown>)[]): object[] {
  return [
    { id: "flow", type: "tab", label: "Flow" },
    ...nodes.map((node, index) =>
      node.type in CANVAS_TYPES ? { ...node, z: "flow", x: 200, y: 60 + 60 * index, wires: [] } : node,
    ),
  ];
}
