import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import type { EmbeddedRuntime, Message } from "../host/embedded-runtime";
import { comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";
import { ANYTHING_HOSTILE, DEEP, ENDLESS_TEXT, HOSTILE_OBJECTS, HOSTILE_TEXTS, ODD_VALUES } from "./hostile-values";
import { openedStore } from "./opened-store";

/** Fields that an error may name. */
type Refused = readonly string[];

const HOOKS = "hooks";
const NO_TEXTS = [DEEP, ...ODD_VALUES, ...HOSTILE_OBJECTS, ""];

/** A message for each value, all of which must be refused with an error that names one of the fields. */
function each(
  values: readonly unknown[],
  message: (value: unknown) => Message,
  ...fields: string[]
): [Message, Refused][] {
  return values.map((value) => [message(value), fields]);
}

describe("hostile messages", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  let webhooks = 0;

  const webhook = (properties: Message = {}) => ({
    id: `msg_${++webhooks}`,
    event: "comment.created",
    integration: HOOKS,
    orderKey: "1",
    body: { a: 1 },
    ...properties,
  });

  useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });
  before(async () => {
    await runtime.deploy(
      [
        tab(),
        integration(HOOKS, receiver.url, { slug: "the-hooks", owners: ["ada@example.com"] }),
        { id: "mailer", type: "owner-mailer", name: "", transport: "folder" },
        node("send", "webhook-send", "tab", [["sent"], ["sent"], ["sent"]], { carry: ["kept"] }),
        node("track", "error-tracker", "tab", [["tracked"], []]),
        node("health", "integration-health-check", "tab", [["unchanged"], ["changed"], ["changed"], ["changed"]]),
        node("notify", "notify-owners", "tab", [["told"]], { mailer: "mailer" }),
        node("catch", "catch", "tab", [["ended"]], { scope: null, uncaught: false }),
        node("complete", "complete", "tab", [["ended"]], { scope: ["send", "track", "health", "notify"] }),
        ...["sent", "tracked", "unchanged", "changed", "told", "ended"].map((id) => probe(id)),
      ],
      { [HOOKS]: { secret: SECRET } },
    );
    await openedStore();
  });

  /** Gives all messages to a node. Resolves with the error of each, or null for one that it was done with. */
  async function outcomes(nodeId: string, messages: readonly Message[]): Promise<(string | null)[]> {
    for (const [index, message] of messages.entries()) runtime.send(nodeId, { ...message, index });
    const ended = await runtime.next("ended", messages.length);
    const found = new Map(ended.map((message) => [message.index, "error" in message ? errorIn(message) : null]));
    assert.equal(found.size, messages.length);
    return messages.map((_, index) => found.get(index) ?? null);
  }

  /** Each of the messages must be refused with an error that names one of its fields. */
  async function refuses(nodeId: string, messages: readonly [Message, Refused][]): Promise<void> {
    const errors = await outcomes(
      nodeId,
      messages.map(([message]) => message),
    );
    const wrong = messages.flatMap(([message, fields], index) => {
      const error = errors[index] ?? "it was accepted";
      const named = fields.some((field) => [" is ", ".", "["].some((next) => error.includes(`${field}${next}`)));
      const inOneLine = /^[^\r\n]{20,2000}$/.test(error);
      return named && inOneLine
        ? []
        : [
            `${inspect(message, { breakLength: Infinity, depth: 4, maxStringLength: 40 }).slice(-200)}: ${error.slice(0, 300)}`,
          ];
    });
    assert.deepEqual(wrong, []);
  }

  /** None of the messages may be refused. */
  async function bears(nodeId: string, messages: readonly Message[]): Promise<void> {
    const errors = await outcomes(nodeId, messages);
    assert.deepEqual(
      errors.filter((error) => error !== null),
      [],
    );
  }

  it("make webhook-send refuse webhooks, and send and keep nothing", async () => {
    const store = await openedStore();
    const settings = { id: "given", url: receiver.url, allowPrivate: true };
    const given = (changes: Message) => ({
      webhook: webhook({ integration: "given", settings: { ...settings, ...changes } }),
    });
    await refuses("send", [
      ...each([...ANYTHING_HOSTILE, undefined], (value) => ({ webhook: value }), "msg.webhook"),
      ...each(ANYTHING_HOSTILE, (id) => ({ webhook: webhook({ id }) }), "msg.webhook.id"),
      ...each(ANYTHING_HOSTILE, (event) => ({ webhook: webhook({ event }) }), "msg.webhook.event"),
      ...each(ANYTHING_HOSTILE, (value) => ({ webhook: webhook({ integration: value }) }), "msg.webhook.integration"),
      ...each(
        [...NO_TEXTS, ENDLESS_TEXT],
        (value) => ({ webhook: webhook({ orderKey: value }) }),
        "msg.webhook.orderKey",
      ),
      ...each([DEEP, ...ODD_VALUES, ...HOSTILE_TEXTS], (body) => ({ webhook: webhook({ body }) }), "msg.webhook.body"),
      ...each(
        [DEEP, ENDLESS_TEXT, Number.NaN, 10n, Symbol("x"), () => 1, new Map(), Buffer.alloc(9)],
        (value) => ({ webhook: webhook({ body: { deep: { value } } }) }),
        "msg.webhook.body",
      ),
      ...each(ANYTHING_HOSTILE, (value) => ({ webhook: webhook({ settings: value }) }), "msg.webhook.settings"),
      ...[
        "url",
        "retries",
        "events",
        "projects",
        "owners",
        "timeoutMs",
        "concurrency",
        "allowPrivate",
        "store",
      ].flatMap((name) =>
        each([{}, () => 1, [[]], "\u0000"], (value) => given({ [name]: value }), `msg.webhook.settings.${name}`),
      ),
      ...each(
        [10n, ENDLESS_TEXT, HOSTILE_OBJECTS.find((value) => "itself" in value)],
        (kept) => ({ webhook: webhook(), kept }),
        "msg.kept",
      ),
    ]);
    assert.deepEqual(receiver.requests, []);
    assert.deepEqual(store.lanes(), []);
    assert.deepEqual(await store.integrations(), []);
  });

  it("make webhook-send refuse commands, and do nothing", async () => {
    await refuses("send", [
      ...["test", "redeliver", "discard"].flatMap((topic) =>
        each(ANYTHING_HOSTILE, (value) => ({ topic, integration: value }), "msg.integration"),
      ),
      ...each(ANYTHING_HOSTILE, (topic) => ({ topic, integration: HOOKS }), "msg.topic"),
      ...each(
        [...ODD_VALUES.slice(1), ...HOSTILE_TEXTS],
        (filter) => ({ topic: "redeliver", integration: HOOKS, filter }),
        "msg.filter",
      ),
      ...each(ODD_VALUES, (id) => ({ topic: "redeliver", integration: HOOKS, filter: { id } }), "msg.filter.id"),
      ...each(
        HOSTILE_TEXTS,
        (since) => ({ topic: "redeliver", integration: HOOKS, filter: { since } }),
        "msg.filter.since",
      ),
    ]);
    assert.deepEqual(receiver.requests, []);
  });

  it("make error-tracker refuse what tells of no attempt", async () => {
    const store = await openedStore();
    await refuses("track", [
      ...each(ANYTHING_HOSTILE, (value) => ({ webhook: value }), "msg.webhook.integration"),
      ...each(NO_TEXTS, (value) => ({ webhook: { integration: value } }), "msg.webhook.integration"),
      ...each(
        HOSTILE_TEXTS,
        (value) => ({ webhook: { integration: value } }),
        "msg.webhook.integration",
        "msg.integration",
      ),
      ...each(ANYTHING_HOSTILE, (value) => ({ integration: value }), "msg.integration", "msg.webhook.integration"),
      ...each(ANYTHING_HOSTILE, (delivery) => ({ webhook: webhook(), delivery }), "msg.statusCode"),
      ...each(ANYTHING_HOSTILE, (statusCode) => ({ integration: HOOKS, statusCode }), "msg.statusCode"),
      ...each(
        ANYTHING_HOSTILE,
        (statusCode) => ({ webhook: webhook(), delivery: { statusCode } }),
        "msg.statusCode",
        "msg.delivery.statusCode",
      ),
    ]);
    assert.deepEqual(await store.integrations(), []);
  });

  it("do no harm where error-tracker counts an attempt of another sender", async () => {
    const store = await openedStore();
    const odd = [...ODD_VALUES, ...HOSTILE_OBJECTS, ...HOSTILE_TEXTS, ENDLESS_TEXT, 8.64e15, "+275760-09-13T00:00:00Z"];
    const names = [
      "url",
      "startedAt",
      "durationMs",
      "responseHeaders",
      "responseBody",
      "attempt",
      "generation",
      "kind",
      "reason",
    ];
    const messages = names.flatMap((name) =>
      odd.map((value) => ({ integration: HOOKS, payload: value, delivery: { statusCode: 200, [name]: value } })),
    );
    const failed = {
      integration: HOOKS,
      delivery: { statusCode: 500, url: `http://a.example/${"x ".repeat(10_000)}`, responseBody: ENDLESS_TEXT },
    };
    await bears("track", [...messages, failed]);
    const { history, groups } = await store.state(HOOKS);
    const { days } = (
      (await runtime.next("tracked", messages.length + 1)).at(-1) as {
        health: { days: { success: number; error: number }[] };
      }
    ).health;
    assert.deepEqual([days.length, days[0]?.success, days[0]?.error], [1, messages.length, 1]);
    assert.ok(JSON.stringify({ history, groups }).length < 20_000);
    for (const { startedAt, durationMs } of groups.map(({ lastExample }) => lastExample)) {
      assert.ok(Number.isSafeInteger(startedAt) && Number.isFinite(durationMs));
    }
  });

  it("make integration-health-check refuse, or pass on what counts for nothing", async () => {
    const store = await openedStore();
    const { revision } = await store.state(HOOKS);
    await refuses("health", [
      ...each(ANYTHING_HOSTILE, (value) => ({ webhook: value }), "msg.webhook.integration"),
      ...each(NO_TEXTS, (value) => ({ webhook: { integration: value } }), "msg.webhook.integration"),
      ...["enable", "disable", "test-and-enable"].flatMap((topic) =>
        each(ANYTHING_HOSTILE, (value) => ({ topic, integration: value }), "msg.integration"),
      ),
      ...each(ANYTHING_HOSTILE, (topic) => ({ topic, integration: HOOKS }), "msg.topic"),
    ]);
    const strange = ANYTHING_HOSTILE.filter((value) => value !== DEEP).flatMap((value) => [
      { webhook: webhook(), delivery: value },
      { webhook: webhook(), health: value },
      { webhook: webhook(), delivery: { kind: "event", generation: 1, outcome: value } },
      { webhook: webhook(), delivery: { kind: "event", generation: value, outcome: "fatal" } },
    ]);
    await bears("health", strange);
    assert.equal(runtime.arrived("unchanged").length, strange.length);
    assert.equal((await store.state(HOOKS)).revision, revision);
  });

  it("make notify-owners refuse changes that were never written, and tell nobody", async () => {
    const changes = [...ODD_VALUES.slice(1), ...HOSTILE_OBJECTS, ...HOSTILE_TEXTS, ENDLESS_TEXT, ""];
    await refuses("notify", [
      ...each(ANYTHING_HOSTILE, (value) => ({ webhook: value, health: { change: null } }), "msg.webhook.integration"),
      ...each(
        [...ODD_VALUES, ...HOSTILE_TEXTS, ENDLESS_TEXT, ""],
        (health) => ({ webhook: webhook(), health }),
        "msg.health.change",
      ),
      ...each(changes, (change) => ({ webhook: webhook(), health: { change } }), "msg.health.change"),
      ...each(
        ANYTHING_HOSTILE,
        (value) => ({ webhook: webhook(), health: { change: { from: value, to: value, at: value, episode: value } } }),
        "msg.health.change",
      ),
      ...each(
        HOSTILE_TEXTS,
        (value) => ({ webhook: { integration: value }, health: { change: { from: "active", to: "disabled" } } }),
        "msg.health.change",
      ),
    ]);
    assert.equal(existsSync(join(runtime.userDir, "owner-mail")), false);
    assert.deepEqual(runtime.arrived("told"), []);
  });

  it("cannot name an owner or a person with which a mail could be changed", async () => {
    runtime.send("health", { topic: "disable", integration: "the-hooks", by: "Eve\r\nBcc: all@example.com\u202e <b>" });
    const { health } = await runtime.nextOne("changed");
    await runtime.nextOne("ended");
    const wrong = [
      ...ODD_VALUES.slice(1).filter((value) => !Array.isArray(value)),
      ...HOSTILE_OBJECTS,
      ...HOSTILE_TEXTS,
      ENDLESS_TEXT,
    ];
    await refuses("notify", [
      ...each(wrong, (owners) => ({ integration: HOOKS, health, owners }), "msg.owners"),
      ...each(
        ["a@b.c\r\nBcc: x@y.z", "<a@b.c>", "a@b.c, d@e.f", "x", {}],
        (owner) => ({ integration: HOOKS, health, owners: ["good@example.com", owner] }),
        "msg.owners",
        "msg.owners[1]",
      ),
    ]);
    runtime.send("notify", { integration: HOOKS, health });
    const { notification } = await runtime.nextOne("told");
    const { recipients } = notification as { recipients: { address: string }[] };
    assert.deepEqual(
      recipients.map(({ address }) => address),
      ["ada@example.com"],
    );
  });

  it("leave the runtime as it was: what is right is sent, and nothing stands outside the store's folder", async () => {
    runtime.send("health", { topic: "enable", integration: HOOKS });
    await runtime.nextOne("changed");
    runtime.send("send", { webhook: webhook({ body: comment() }) });
    await runtime.nextOne("sent");
    assert.equal(receiver.requests.length, 1);
    assert.equal(({} as Message).polluted, undefined);
    assert.deepEqual(
      readdirSync(runtime.userDir).filter(
        (name) => !name.startsWith(".") && !/^(flows|package|lib|node_modules)/.test(name),
      ),
      ["comment-webhooks", "owner-mail"],
    );
    const store = await openedStore();
    assert.deepEqual(await store.integrations(), [HOOKS]);
  });
});
