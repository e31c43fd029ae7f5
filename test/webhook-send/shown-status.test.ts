import assert from "node:assert/strict";
import { EmbeddedRuntime } from "../host/embedded-runtime";
import { comment, integration, node, probe, SECRET, tab } from "../host/flows";
import { Receiver } from "../host/receiver";

describe("webhook-send in a flow", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;
  const credentials = { hooks: { secret: SECRET } };

  const flow = (properties: Record<string, unknown> = {}) => [
    tab(),
    integration("hooks", receiver.url, properties),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["delivered"], [], []]),
    probe("delivered"),
  ];

  beforeEach(async () => {
    runtime = await EmbeddedRuntime.start();
    receiver = await Receiver.listen();
  });
  afterEach(async () => {
    await runtime.stop();
    await receiver.close();
  });

  it("says that an integration is disabled, with nothing held too and right after a restart", async () => {
    const health = node("health", "integration-health-check", "tab");
    const flows = [...flow({ name: "Shop bot" }), health];
    await runtime.deploy(flows, credentials);
    runtime.send("health", { integration: "hooks", topic: "disable" });
    const says = (words: string) => runtime.status("send", ({ text }) => text === words);
    await says("Shop bot disabled, nothing held");
    await runtime.leave();
    runtime = await EmbeddedRuntime.start({}, runtime.userDir);
    await says("Shop bot disabled, nothing held");
    runtime.send("build", { payload: comment() });
    await says("Shop bot disabled, 1 held");
    runtime.send("health", { integration: "hooks", topic: "enable" });
    await says("idle");
  });

  it("says why nothing can be sent, and sends it as soon as the settings are mended", async () => {
    await runtime.deploy(flow({ name: "Shop bot", allowPrivate: false }));
    runtime.send("build", { payload: comment() });
    const says = (words: string) => runtime.status("send", ({ text }) => text === words);
    await says("Shop bot: no secret, 1 waiting");
    await runtime.deploy(flow({ name: "Shop bot", allowPrivate: false }), credentials, "nodes");
    await says("Shop bot: address not allowed, 1 waiting");
    await runtime.deploy(flow({ name: "Shop bot" }), credentials, "nodes");
    await runtime.nextOne("delivered");
    assert.equal(receiver.requests.length, 1);
    await says("idle");
  });
});
