import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openStore } from "../../nodes/lib/store/open-store";
import { DEFAULT_STORE_SETTINGS } from "../../nodes/lib/store/store-settings";
import type { EmbeddedRuntime } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import type { Receiver } from "../host/receiver";
import { useRuntimeAndReceiver } from "../host/use-runtime";

describe("webhook-store", () => {
  let runtime: EmbeddedRuntime;
  let receiver: Receiver;

  const store = (properties: Record<string, unknown>, id = "store") => ({
    ...{ id, type: "webhook-store", name: `The ${id}` },
    ...properties,
  });
  const flow = (properties: Record<string, unknown> = {}) => [
    tab(),
    integration("hooks", receiver.url, { retries: [60], store: "store", ...properties }),
    node("build", "comment-webhook-build", "tab", [["send"]]),
    node("send", "webhook-send", "tab", [["delivered"], [], []]),
    probe("delivered"),
    ...caught(),
  ];
  const credentials = { hooks: { secret: SECRET } };

  const startAgain = useRuntimeAndReceiver((started) => {
    ({ runtime, receiver } = started);
  });

  it("lies where it says, and no other store is made", async () => {
    await runtime.deploy([store({ path: "mine" }), ...flow()], credentials);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("delivered");
    assert.ok(existsSync(join(runtime.userDir, "mine")));
    assert.equal(existsSync(join(runtime.userDir, "comment-webhooks")), false);
  });

  it("takes the place of the default store in its folder", async () => {
    await runtime.deploy([store({ path: "" }), ...flow({ store: "" })], credentials);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("delivered");
    assert.ok(existsSync(join(runtime.userDir, "comment-webhooks")));
  });

  it("is opened anew when its settings change, and loses nothing by it", async () => {
    const answer = receiver.hold();
    await runtime.deploy([store({ path: "changing" }), ...flow()], credentials);
    runtime.send("build", { payload: comment() });
    const { headers } = await receiver.next();
    await runtime.deploy([store({ path: "changing", logSize: 5 }), ...flow()], credentials);
    answer(200);
    const delivered = await runtime.nextOne("delivered");
    assert.equal((delivered.webhook as { id: string }).id, headers["webhook-id"]);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("delivered");
  });

  it("refuses a folder that another node has", async () => {
    await runtime.deploy([store({ path: "same" }), store({ path: "./same/" }, "other"), ...flow()], credentials);
    assert.ok(runtime.log.some((line) => /webhook-store\.path is ".*same.*", expected a folder of its own/.test(line)));
  });

  it("names wrong properties and variables that are not set, never the key", async () => {
    const properties = { path: "wrong", logSize: "many", sync: "never", maxBytes: `\${NO_SIZE}` };
    await runtime.deploy([store(properties), ...flow()], { ...credentials, store: { encryptionKey: "key-to-find" } });
    const problem = runtime.log.find((line) => line.includes("webhook-store.logSize"));
    assert.match(String(problem), /webhook-store\.sync is "never"/);
    assert.match(String(problem), /NO_SIZE/);
    assert.equal(
      runtime.log.some((line) => line.includes("key-to-find")),
      false,
    );
  });

  it("says in status and log when another process uses the folder, refuses webhooks, and works as soon as it can", async () => {
    const path = join(runtime.userDir, "taken");
    const other = await openStore({ path, settings: { ...DEFAULT_STORE_SETTINGS } });
    await runtime.deploy([store({ path: "taken" }), ...flow()], credentials);
    const status = await runtime.status("send", ({ fill }) => fill === "red");
    assert.match(String(status.text), /in use by another process/);
    runtime.send("build", { payload: comment() });
    assert.match(errorIn(await runtime.nextOne("caught")), /in use by another process/);
    assert.ok(runtime.log.some((line) => line.includes(path)));
    await other.close();
    await runtime.status("send", ({ fill }) => fill === "green");
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("delivered");
  });

  it("says in status and log which file is damaged, keeps it aside, and goes on", async () => {
    await runtime.deploy([store({ path: "damaged" }), ...flow()], credentials);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("delivered");
    await runtime.leave();
    const folder = join(runtime.userDir, "damaged");
    const state = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((file) => /state\.json$/.test(file));
    assert.ok(state);
    writeFileSync(join(folder, state), '{"half": ');

    await startAgain();
    await runtime.deploy([store({ path: "damaged" }), ...flow()], credentials);
    runtime.send("build", { payload: comment() });
    await runtime.nextOne("delivered");
    const status = await runtime.status("send", ({ fill }) => fill === "red");
    const kept = readdirSync(join(folder, dirname(state))).find((file) => file.startsWith("state.json.damaged-"));
    assert.ok(kept);
    assert.ok(String(status.text).includes(kept), status.text);
    const said = runtime.log.filter((line) => line.includes(state));
    assert.equal(said.length, 1);
    assert.match(String(said[0]), /integration ".+" begin anew, .* It is active, as before\.$/);
  });
});
