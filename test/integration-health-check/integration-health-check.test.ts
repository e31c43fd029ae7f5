import assert from "node:assert/strict";
import type { EmbeddedRuntime, FlowNode, Message } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";

interface Checked {
  health: {
    status: string;
    verdict: { rule: string; progress: number; explanation: string } | null;
    change: { from: string; to: string; cause: string; by: string | null; dryRun: boolean; episode: string } | null;
  };
  integration?: string;
  delivery?: { outcome: string; kind: string };
}

const checkedOf = (message: Message) => message as unknown as Checked;
const PORTS = ["unchanged", "at-risk", "disabled", "active"];

describe("integration-health-check", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  let tests = 0;
  let hooks = "";
  /** Each test has health checks of its own: what one decided it tells again at the next start. */
  let health = "";
  let second = "";

  /** Disabled after four failures in a row, at risk after two. */
  const strict = { rules: [{ rule: "consecutive", count: 4 }], warnAt: 0.5, minWarning: 0 };
  const check = (id: string, properties: Record<string, unknown> = strict): FlowNode[] => [
    node(
      id,
      "integration-health-check",
      "tab",
      PORTS.map((port) => [`${id}-${port}`]),
      properties,
    ),
    ...PORTS.map((port) => probe(`${id}-${port}`)),
  ];
  const flow = (...others: FlowNode[]) => [
    tab(),
    integration(hooks, receiver.url, { slug: `${hooks}-slug`, retries: "none", ordered: false }),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["track"], ["track"], ["track"]]),
    node("track", "error-tracker", "tab", [[health, second], []]),
    ...caught(),
    ...others,
  ];
  const credentials = () => ({ [hooks]: { secret: SECRET } });
  /** Fails until as many messages have left the health check through these ports. */
  const fail = async (ports: string[]) => {
    receiver.answerWith(500);
    for (const port of ports) {
      runtime.send("build", { payload: comment() });
      await runtime.nextOne(`${health}-${port}`);
    }
  };
  const UNTIL_DISABLED = ["unchanged", "at-risk", "unchanged", "disabled"];

  const startAgain = useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });
  beforeEach(() => {
    hooks = `hooks-${++tests}`;
    health = `health-${tests}`;
    second = `second-${tests}`;
  });

  it("warns, disables, and holds what comes then until a person enables the integration again", async () => {
    await runtime.deploy(flow(...check(health)), credentials());
    receiver.answerWith(500);
    const steps: [string, string, string | null][] = [
      [`${health}-unchanged`, "active", null],
      [`${health}-at-risk`, "at-risk", "at-risk"],
      [`${health}-unchanged`, "at-risk", null],
      [`${health}-disabled`, "disabled", "disabled"],
    ];
    for (const [port, status, to] of steps) {
      runtime.send("build", { payload: comment() });
      const { health: found } = checkedOf(await runtime.nextOne(port));
      assert.deepEqual([found.status, found.change?.to ?? null], [status, to]);
      assert.equal(found.verdict?.rule, "consecutive");
    }
    await runtime.status(health, ({ fill, text }) => fill === "red" && String(text).includes(hooks));

    receiver.reset();
    runtime.send("build", { payload: comment() });
    await runtime.status("send", ({ fill, text }) => fill === "grey" && String(text).includes(hooks));
    assert.deepEqual(receiver.requests, []);
    runtime.send(health, { integration: `${hooks}-slug`, topic: "enable", by: "Ada" });
    const enabled = checkedOf(await runtime.nextOne(`${health}-active`));
    assert.deepEqual([enabled.health.change?.cause, enabled.health.change?.by], ["person", "Ada"]);
    assert.equal(enabled.integration, hooks);
    assert.equal(enabled.health.verdict, null);
    await receiver.next();
    assert.equal(checkedOf(await runtime.nextOne(`${health}-unchanged`)).health.status, "active");
  });

  it("tells every transition once through each node, whoever decided it", async () => {
    await runtime.deploy(flow(...check(health), ...check(second)), credentials());
    receiver.answerWith(500);
    for (let count = 0; count < 4; count++) {
      runtime.send("build", { payload: comment(count) });
      await Promise.all([health, second].map((id) => runtime.next(`${id}-${UNTIL_DISABLED[count]}`)));
    }
    for (const command of ["enable", "disable"]) runtime.send(health, { integration: hooks, topic: command });
    await runtime.next(`${health}-active`);
    const [byFirst] = (await runtime.next(`${health}-disabled`)).map(checkedOf);
    // The second sees an outcome only now: both changes that it has not told leave it, in their order.
    runtime.send("track", { webhook: { integration: hooks }, delivery: { attemptId: null } });
    assert.equal(checkedOf(await runtime.nextOne(`${second}-active`)).health.change?.to, "active");
    const bySecond = checkedOf(await runtime.nextOne(`${second}-disabled`));
    assert.deepEqual(bySecond.health.change, byFirst?.health.change);
    await runtime.next(`${health}-unchanged`);
    for (const probed of [
      `${health}-disabled`,
      `${second}-disabled`,
      `${health}-active`,
      `${second}-active`,
      `${second}-unchanged`,
    ]) {
      assert.deepEqual(runtime.arrived(probed), [], probed);
    }
  });

  it("tells what it decided again after the next start, until a notification is claimed", async () => {
    const notify = node("notify", "notify-owners", "tab", [["notified"]], { recipients: ["a@example.com"] });
    await runtime.deploy(flow(...check(health)), credentials());
    await fail(UNTIL_DISABLED);
    const wired = check(health).map((each) =>
      each.id === health ? { ...each, wires: PORTS.map((port) => [`${health}-${port}`, "notify"]) } : each,
    );
    await runtime.deploy(flow(...wired, notify, probe("notified")), credentials());
    assert.equal(checkedOf(await runtime.nextOne(`${health}-at-risk`)).integration, hooks);
    assert.equal(checkedOf(await runtime.nextOne(`${health}-disabled`)).health.change?.to, "disabled");
    const kinds = (await runtime.next("notified", 2)).map(
      ({ notification }) => (notification as { kind: string }).kind,
    );
    assert.deepEqual(kinds, ["at-risk", "disabled"]);

    await runtime.deploy(flow(...wired, notify, probe("notified")), credentials());
    runtime.send(health, { integration: hooks, topic: "enable" });
    await runtime.next(`${health}-active`);
    assert.deepEqual([...runtime.arrived(`${health}-at-risk`), ...runtime.arrived(`${health}-disabled`)], []);
  });

  it("only tells what it would do in a dry run", async () => {
    await runtime.deploy(flow(...check(health, { ...strict, mode: "dry-run" })), credentials());
    await fail(UNTIL_DISABLED.slice(0, 3));
    runtime.send("build", { payload: comment("last") });
    const { health: found } = checkedOf(await runtime.nextOne(`${health}-disabled`));
    assert.deepEqual([found.status, found.change?.dryRun], ["active", true]);
    receiver.reset();
    runtime.send("build", { payload: comment("more") });
    await receiver.next();
  });

  it("says in its status how things are, right after a deploy and a restart too", async () => {
    const shop = integration("shop", receiver.url, { name: "Shop bot", events: ["comment.deleted"] });
    const flows = flow(shop, integration("chat", receiver.url, { events: ["comment.deleted"] }), ...check(health));
    const says = (words: string) => runtime.status(health, ({ text }) => text === words);
    await runtime.deploy(flows, credentials());
    await says("all 3 active");
    runtime.send(health, { integration: "shop", topic: "disable" });
    await says("Shop bot is disabled");
    await runtime.deploy(flows, credentials());
    await says("Shop bot disabled · 1 of 3");
    await fail(["unchanged", "at-risk"]);
    await runtime.leave();
    await startAgain();
    await says("1 at risk · 1 disabled of 3");
    await runtime.deploy(flow(...check(health)), credentials());
    await says(`The ${hooks} at risk`);
  });

  it("counts what it would have done in its status in a dry run, and what it cannot use not at all", async () => {
    const elsewhere = [tab("elsewhere"), integration("theirs", receiver.url, { z: "elsewhere" })];
    const flows = flow(...check(health, { ...strict, mode: "dry-run" }), ...elsewhere);
    await runtime.deploy(flows, credentials());
    await runtime.status(health, ({ text }) => text === "dry run: 1 integration, active");
    await fail(["unchanged", "at-risk"]);
    await runtime.deploy(flows, credentials());
    await runtime.status(health, ({ text }) => text === `dry run: The ${hooks} at risk`);
  });

  it("enables after a successful test, and not after one that fails", async () => {
    await runtime.deploy(flow(...check(health)), credentials());
    await fail(UNTIL_DISABLED);
    runtime.send(health, { integration: hooks, topic: "test-and-enable", by: "Ada" });
    const failed = checkedOf(await runtime.nextOne(`${health}-unchanged`));
    assert.deepEqual([failed.health.status, failed.delivery?.outcome], ["disabled", "error"]);
    receiver.reset();
    runtime.send(health, { integration: hooks, topic: "test-and-enable", by: "Ada" });
    const enabled = checkedOf(await runtime.nextOne(`${health}-active`));
    assert.deepEqual([enabled.health.change?.by, enabled.delivery?.kind], ["Ada", "test"]);
    assert.equal(JSON.parse((await receiver.next()).body).type, "webhook.test");
  });

  it("disables by command, and passes on a command that changes nothing", async () => {
    await runtime.deploy(flow(...check(health)), credentials());
    runtime.send(health, { integration: hooks, topic: "enable" });
    assert.equal(checkedOf(await runtime.nextOne(`${health}-unchanged`)).health.change, null);
    runtime.send(health, { integration: hooks, topic: "disable" });
    const { change } = checkedOf(await runtime.nextOne(`${health}-disabled`)).health;
    assert.deepEqual([change?.cause, change?.by], ["person", "a flow message"]);
  });

  it("does not decide on the outcome of a test", async () => {
    await runtime.deploy(
      flow(...check(health, { ...strict, rules: [{ rule: "consecutive", count: 1 }] })),
      credentials(),
    );
    receiver.answerWith(500);
    runtime.send("send", { integration: hooks, topic: "test" });
    assert.equal(checkedOf(await runtime.nextOne(`${health}-unchanged`)).health.status, "active");
  });

  it("tells Catch nodes of commands and messages that it cannot use", async () => {
    await runtime.deploy(flow(...check(health)), credentials());
    const refused: [Message, RegExp][] = [
      [{ payload: 1 }, /msg\.webhook\.integration is nothing/],
      [{ integration: hooks, topic: "explode" }, /msg\.topic is "explode"/],
      [{ integration: hooks, statusCode: 200 }, /msg\.topic is nothing/],
      [{ integration: "nobody", topic: "disable" }, /msg\.integration is "nobody"/],
    ];
    for (const [message, expected] of refused) {
      runtime.send(health, message);
      assert.match(errorIn(await runtime.nextOne("caught")), expected);
    }
  });

  it("takes its properties from environment variables, and names wrong ones", async () => {
    const variable = (name: string) => `\${${name}}`;
    const env = { RULES: '[{"rule":"consecutive","count":2}]', WARN: "1", MIN: "0", MODE: "disable", COUNTING: "all" };
    const list = Object.entries(env).map(([name, value]) => ({ name, value, type: "str" }));
    const properties = {
      ...{ rules: variable("RULES"), warnAt: variable("WARN"), minWarning: variable("MIN") },
      ...{ mode: variable("MODE"), counting: variable("COUNTING") },
    };
    const [, ...rest] = flow(...check(health, properties));
    await runtime.deploy([tab("tab", { env: list }), ...rest], credentials());
    await fail(["unchanged", "disabled"]);

    await runtime.deploy(flow(...check(health, { ...properties, rules: [{ rule: "never" }] })), credentials());
    const problem = runtime.log.filter((line) => line.includes("integration-health-check.")).join("\n");
    for (const name of ["WARN", "MIN", "MODE", "COUNTING"]) assert.ok(problem.includes(name), `${name} in ${problem}`);
  });
});
