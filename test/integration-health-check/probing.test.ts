import assert from "node:assert/strict";
import type { EmbeddedRuntime, FlowNode, Message } from "../host/embedded-runtime";
import { comment, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";

interface Changed {
  health: { status: string; days: object[]; change: { to: string; cause: string; by: string | null } };
}

const changeIn = (message: Message) => (message as unknown as Changed).health.change;

describe("integration-health-check, when it probes", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  let hooks = "";
  let tests = 0;

  const flow = (properties: Record<string, unknown>): FlowNode[] => [
    tab(),
    integration(hooks, receiver.url, { retries: "none", ordered: false }),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["track"], ["track"], ["track"]]),
    node("track", "error-tracker", "tab", [[`health-${hooks}`], []]),
    node(`health-${hooks}`, "integration-health-check", "tab", [["same"], [], ["off"], ["on"]], {
      ...{ rules: [{ rule: "consecutive", count: 1 }], warnAt: 1, minWarning: 0, ...properties },
    }),
    ...["same", "off", "on"].map((id) => probe(id)),
  ];
  const deploy = (properties: Record<string, unknown>) =>
    runtime.deploy(flow(properties), { [hooks]: { secret: SECRET } });
  const nextBody = async () => JSON.parse((await receiver.next()).body) as { type: string };
  const audit = async () => {
    const response = await fetch(`${runtime.url}/admin/comment-webhooks/integrations/${hooks}`);
    const { audit: entries } = (await response.json()) as { audit: { action: string; by: string; detail: string }[] };
    return entries.map(({ action, by, detail }) => [action, by, detail]);
  };

  useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });
  beforeEach(() => {
    hooks = `hooks-${++tests}`;
  });

  it("enables what it disabled after good answers in a row, also after a restart, and sends what was held", async () => {
    await deploy({});
    receiver.answerWith(500);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("off");
    await receiver.next();
    receiver.answerWith(200);
    runtime.send("build", { payload: comment("held") });
    assert.deepEqual(receiver.requests, []);

    await deploy({ probe: "2", probeEvery: "0.01" });
    assert.equal((await nextBody()).type, "webhook.test");
    assert.equal((await nextBody()).type, "webhook.test");
    const on = await runtime.nextOne("on");
    assert.deepEqual([changeIn(on).cause, changeIn(on).by], ["recovered", "probe"]);
    assert.equal((await nextBody()).type, "comment.created");
    const { health } = (await runtime.nextOne("same")) as unknown as Changed;
    const counts = [{ ...health.days[0], date: "today" }];
    assert.deepEqual(counts, [{ date: "today", success: 1, error: 1, timeout: 0, fatal: 0 }]);
    const [enabled, disabled] = await audit();
    assert.deepEqual(enabled, ["enabled", "probe", "2 test events in a row were answered well"]);
    assert.deepEqual(disabled?.slice(0, 2), ["disabled", "rule consecutive"]);
  });

  it("starts to count anew after a bad answer, and tells nothing of it", async () => {
    await deploy({ probe: 2, probeEvery: 0.01 });
    receiver.answerWith(500);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("off");
    await receiver.next();
    for (const statusCode of [200, 500, 200, 200]) {
      const letGo = receiver.hold();
      assert.equal((await nextBody()).type, "webhook.test");
      letGo(statusCode);
    }
    await runtime.nextOne("on");
    assert.deepEqual(runtime.arrived("same"), []);
  });

  it("leaves alone what a person or the receiver disabled", async () => {
    const ids = ["person", "gone", "failing"].map((id) => `${id}-${tests}`);
    const [person = "", gone, failing = ""] = ids;
    const [, , ...rest] = flow({
      probe: 2,
      probeEvery: 0.01,
      rules: [{ rule: "fatal" }, { rule: "consecutive", count: 1 }],
    });
    // Each hears of a project of its own.
    const integrations = ids.map((id) =>
      integration(id, `${receiver.url}/${id}`, { retries: "none", projects: [`of ${id}`] }),
    );
    const credentials = Object.fromEntries(ids.map((id) => [id, { secret: SECRET }]));
    await runtime.deploy([tab(), ...integrations, ...rest], credentials);
    const disabled: string[] = [];
    runtime.send(`health-${hooks}`, { integration: person, topic: "disable" });
    disabled.push(changeIn(await runtime.nextOne("off")).cause);
    for (const [id, statusCode] of [
      [gone, 410],
      [failing, 500],
    ] as const) {
      receiver.answerWith(statusCode);
      runtime.send("build", { payload: comment(1, { project: { slug: `of ${id}` } }) });
      disabled.push(changeIn(await runtime.nextOne("off")).cause);
      await receiver.next();
    }
    receiver.reset();
    assert.deepEqual(disabled, ["person", "receiver", "rule"]);
    // The other two were disabled before, and so would have been asked before.
    await runtime.nextOne("on");
    assert.deepEqual(
      receiver.requests.map(({ path }) => path),
      [`/hooks/${failing}`, `/hooks/${failing}`],
    );
  });
});
