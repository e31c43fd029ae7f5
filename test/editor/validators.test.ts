import assert from "node:assert/strict";
import { DEFAULTS, flowOf, fromEnv, TYPES } from "./node-types";
import { useEditor } from "./use-editor";

interface Sample {
  type: string;
  property: string;
  value: unknown;
  /** Other properties that matter for this one. */
  with?: Record<string, unknown>;
  /** Part of what the editor says about it. */
  says?: RegExp;
}

function samplesOf(
  type: string,
  property: string,
  values: readonly unknown[],
  more: Pick<Sample, "with" | "says"> = {},
): Sample[] {
  return values.map((value) => ({ type, property, value, ...more }));
}

const smtp = { transport: "smtp", host: "smtp.example.com", from: "a@example.com" };
const url = { url: "https://example.com/hooks" };
const rule = (...rules: object[]) => rules;

const WRONG: Sample[] = [
  ...samplesOf("comment-webhook-build", "target", ["", "all", 1], { says: /For: one of these/ }),
  ...samplesOf("comment-webhook-build", "source", ["", "bitbucket"], { says: /Source: one of these/ }),
  ...samplesOf("comment-webhook-build", "integration", [""], { with: { target: "one" }, says: /choose the one/ }),
  ...samplesOf("comment-webhook-build", "integration", ["gone"], { with: { target: "one" }, says: /does not exist/ }),
  ...samplesOf("comment-webhook-build", "mapping", ["", " "], { with: { source: "custom" }, says: /JSONata/ }),
  ...samplesOf("comment-webhook-build", "mapping", ["{ ("], { with: { source: "custom" }, says: /Mapping: / }),
  ...samplesOf("webhook-send", "carry", [["payload"], ["a.b"], ["msg."], [""], ["ticket", 1], "ticket"], {
    says: /Keep from msg: each must be the name/,
  }),
  ...samplesOf("integration-health-check", "rules", [{}, "fatal", null], { says: /at most 20 rules/ }),
  ...samplesOf("integration-health-check", "rules", [rule({ rule: "luck" }), rule({})], { says: /rule 1 is not one/ }),
  ...samplesOf(
    "integration-health-check",
    "rules",
    [
      rule({ rule: "fatal", days: 0 }),
      rule({ rule: "fatal", days: 31 }),
      rule({ rule: "fatal", days: 1.5 }),
      rule({ rule: "failing-for", hours: 721 }),
      rule({ rule: "failing-for", attempts: 11 }),
      rule({ rule: "failing-for", span: 23 }),
      rule({ rule: "failing-for", span: 24, apart: 13 }),
      rule({ rule: "timeouts-per-day", percent: 101 }),
      rule({ rule: "consecutive", count: "many" }),
      rule({ rule: "failure-rate", percent: 0 }),
      rule({ rule: "failure-rate", minutes: 61 }),
    ],
    { says: /a number in rule 1 is wrong/ },
  ),
  ...samplesOf("integration-health-check", "rules", [rule({ rule: "fatal" }, { rule: "consecutive", count: 0 })], {
    says: /rule 2 is wrong/,
  }),
  ...samplesOf("integration-health-check", "counting", ["none"], { says: /all, sentry/ }),
  ...samplesOf("integration-health-check", "warnAt", [0, 1.1, "half", ""], { says: /percentage from 1 to 100/ }),
  ...samplesOf("integration-health-check", "minWarning", [-1, 8761, "soon", ""], { says: /Warn for: a number/ }),
  ...samplesOf("integration-health-check", "mode", ["dry"], { says: /disable, dry-run/ }),
  ...samplesOf("integration-health-check", "probe", [-1, 101, 1.5, "often", ""], { says: /Enable again: a whole/ }),
  ...samplesOf("integration-health-check", "probeEvery", [0, 10_081, ""], {
    with: { probe: 1 },
    says: /Test every: a number/,
  }),
  ...samplesOf("notify-owners", "recipients", [["ann"], ["ann@"], ["a@b.example, c@d.example"], "ann"], {
    says: /Also tell: each must be a mail address/,
  }),
  ...samplesOf("notify-owners", "kinds", [["broken"], "disabled"], { says: /at-risk, disabled, active/ }),
  ...samplesOf(
    "notify-owners",
    "baseUrl",
    [
      ...["nodered.example.com", "ftp://example.com/", `https://${fromEnv("HOST")}/`],
      ...["https://app.example.com/{{id}}", "https://{{integration}}.example.com/"],
    ],
    {
      says: /http:\/\//,
    },
  ),
  ...samplesOf(
    "notify-owners",
    "templates",
    [
      [],
      "text",
      null,
      { broken: {} },
      { active: "text" },
      { active: { text: 5 } },
      { active: { text: "{{> footer}}" } },
      { active: { html: "{{{why}}}" } },
      { active: { html: "{{& why}}" } },
    ],
    { says: /Templates: for each kind of change/ },
  ),
  ...samplesOf("notify-owners", "digestDelay", [-1, 86_401, "soon", ""], { says: /Wait for others: a number/ }),
  ...samplesOf("webhook-integration", "url", ["", "example.com", "ftp://example.com", "https://a:b@example.com"], {
    says: /URL: an address/,
  }),
  ...samplesOf("webhook-integration", "installation", ["7a48", "not-a-uuid"], { with: url, says: /a UUID/ }),
  ...samplesOf("webhook-integration", "events", [[], ["comment.liked"], "comment.created"], { with: url }),
  ...samplesOf("webhook-integration", "projects", [[""], "backend"], { with: url }),
  ...samplesOf("webhook-integration", "owners", [["ann"], [1]], { with: url, says: /mail address/ }),
  ...samplesOf("webhook-integration", "scheme", ["svix"], { with: url, says: /standard, sentry/ }),
  ...samplesOf("webhook-integration", "timeout", [0, 600_001, 1.5, "1e3", "0x10", "soon", ""], {
    with: url,
    says: /Time-out: a whole number from 1 to 600,000/,
  }),
  ...samplesOf("webhook-integration", "retries", ["often", [-1], [604_801], Array(51).fill(1), ["x"]], {
    with: url,
    says: /Retries: /,
  }),
  ...samplesOf("webhook-integration", "ordered", ["yes", 1, ""], { with: url, says: /true or false/ }),
  ...samplesOf("webhook-integration", "concurrency", [0, 257, 1.5], { with: url, says: /1 to 256/ }),
  ...samplesOf("webhook-integration", "rate", [-1, 10_001], { with: url, says: /0 to 10,000/ }),
  ...samplesOf("webhook-integration", "whenDisabled", ["keep"], { with: url, says: /hold, drop/ }),
  ...samplesOf("webhook-integration", "holdDays", [-1, 366], { with: url, says: /0 to 365/ }),
  ...samplesOf("webhook-integration", "holdLimit", [-1, 10_000_001, 0.5], { with: url, says: /0 to 10,000,000/ }),
  ...samplesOf("webhook-integration", "maxAge", [-1, 8_761], { with: url, says: /0 to 8,760/ }),
  ...samplesOf("webhook-integration", "allowPrivate", ["no"], { with: url, says: /true or false/ }),
  ...samplesOf("webhook-store", "backend", ["redis"], { says: /lowdb/ }),
  ...samplesOf("webhook-store", "logSize", [-1, 10_001, 0.5], { says: /0 to 10,000/ }),
  ...samplesOf("webhook-store", "keepDelivered", [-1, 10_001], { says: /0 to 10,000/ }),
  ...samplesOf("webhook-store", "retentionDays", [-1, 3_651], { says: /0 to 3,650/ }),
  ...samplesOf("webhook-store", "maxBytes", [1_048_575, 2 ** 40 + 1], { says: /1,048,576 to/ }),
  ...samplesOf("webhook-store", "sync", ["always"], { says: /process, power/ }),
  ...samplesOf("owner-mailer", "transport", ["pigeon"], {
    with: { host: "h", from: "a@b.example" },
    says: /folder, smtp/,
  }),
  ...samplesOf("owner-mailer", "host", ["", "smtp://example.com", "a b"], { with: smtp, says: /Server: a host name/ }),
  ...samplesOf("owner-mailer", "port", [0, 65_536, "smtp"], { with: smtp, says: /1 to 65,535/ }),
  ...samplesOf("owner-mailer", "secure", ["maybe"], { with: smtp, says: /true or false/ }),
  ...samplesOf("owner-mailer", "from", ["", "nobody", "Ann <ann>"], { with: smtp, says: /From: a mail address/ }),
];

const RIGHT: Sample[] = [
  ...TYPES.flatMap((type) =>
    Object.keys(DEFAULTS[type] ?? {})
      .filter((property) => !["integration", "mailer", "tls", "proxy", "store"].includes(property))
      .flatMap((property) =>
        samplesOf(type, property, [fromEnv("NAME"), fromEnv("NAME.PART")], {
          with: type === "webhook-integration" ? url : { ...smtp, source: "custom", mapping: "payload" },
        }),
      ),
  ),
  ...samplesOf("comment-webhook-build", "mapping", [""], { with: { source: "github" } }),
  ...samplesOf("comment-webhook-build", "integration", ["right"], { with: { target: "one" } }),
  ...samplesOf("webhook-send", "carry", [[], ["ticket", "_private", "größe"], [fromEnv("NAME")]]),
  ...samplesOf("integration-health-check", "rules", [
    [],
    rule({ rule: "fatal" }),
    rule({ rule: "fatal", days: fromEnv("DAYS") }),
    rule({ rule: "failing-for", hours: 720, attempts: 2, span: 48, apart: 24 }),
  ]),
  ...samplesOf("integration-health-check", "rules", ["whatever"], { with: { counting: "sentry" } }),
  ...samplesOf("integration-health-check", "warnAt", [0.01, 1, "0.5"]),
  ...samplesOf("integration-health-check", "probe", [0, 100, "3"]),
  ...samplesOf("integration-health-check", "probeEvery", ["never"], { with: { probe: 0 } }),
  ...samplesOf("notify-owners", "recipients", [["ann@example.com", fromEnv("ON_CALL")]]),
  ...samplesOf("notify-owners", "kinds", [[], ["disabled", fromEnv("KIND")]]),
  ...samplesOf("notify-owners", "baseUrl", [
    "https://nodered.example.com/editor/",
    "https://app.example.com/hooks/{{integration}}?tab=state",
  ]),
  ...samplesOf("notify-owners", "templates", [{}, { active: { subject: "{{names}}", text: "{{{why}}}", html: "" } }]),
  ...samplesOf("notify-owners", "digestDelay", [0, 0.5, "60"]),
  ...samplesOf("webhook-integration", "url", [
    "http://localhost:1880/receiver",
    `https://${fromEnv("HOST")}/hooks`,
    `http://host:${fromEnv("PORT")}/`,
    `${fromEnv("BASE")}/hooks`,
  ]),
  ...samplesOf("webhook-integration", "installation", ["7A485448-A9E2-4C85-8A3C-4F44175783C9"], { with: url }),
  ...samplesOf("webhook-integration", "timeout", [1, 600_000, "2500"], { with: url }),
  ...samplesOf("webhook-integration", "retries", ["none", [0], [5, fromEnv("WAIT_S").length]], { with: url }),
  ...samplesOf("webhook-integration", "ordered", ["true", "false"], { with: url }),
  ...samplesOf("webhook-integration", "holdDays", [999], { with: { ...url, whenDisabled: "drop" } }),
  ...samplesOf("owner-mailer", "host", [""], { with: { transport: "folder" } }),
  ...samplesOf("owner-mailer", "port", ["", 465], { with: smtp }),
  ...samplesOf("owner-mailer", "from", ["Ann <ann@example.com>", "ann@example.com"], { with: smtp }),
];

const nodesOf = (prefix: string, samples: readonly Sample[]) =>
  samples.map(({ type, property, value, with: more }, index) => ({
    id: `${prefix}-${index}`,
    type,
    version: 1,
    ...more,
    [property]: value,
  }));

describe("the validators", () => {
  const editor = useEditor(
    flowOf([
      { id: "right", type: "webhook-integration", name: "Right", url: "https://example.com" },
      ...nodesOf("wrong", WRONG),
      ...nodesOf("right", RIGHT),
    ]),
  );

  it("mark what is wrong, in words that begin with the field's name", async () => {
    for (const [index, { type, property, value, says }] of WRONG.entries()) {
      const { valid, problems } = await editor.state(`wrong-${index}`);
      const what = `${type}.${property} = ${JSON.stringify(value)}: ${JSON.stringify(problems)}`;
      assert.equal(valid, false, what);
      assert.equal(problems.length, 1, what);
      assert.match(problems[0] ?? "", says ?? /^[A-Z][\w ]+: /, what);
      assert.doesNotMatch(problems[0] ?? "", /dialog\.|\.label\./, what);
    }
  });

  it("accept what is right, and environment variables wherever Node-RED puts them in", async () => {
    for (const [index, { type, property, value }] of RIGHT.entries()) {
      const { problems } = await editor.state(`right-${index}`);
      assert.deepEqual(problems, [], `${type}.${property} = ${JSON.stringify(value)}`);
    }
  });

  it("say nothing in the browser's console", () => {
    assert.deepEqual(editor.session.complaints, []);
  });
});
