import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { EmbeddedRuntime, type FlowNode, type Message } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, tab } from "../host/flows";

const URL = "https://hooks.example.com/in";
const SOURCE_SECRET = "the source's secret";

interface Built {
  webhook: { id: string; event: string; integration: string; orderKey: string; body: Message; settings?: Message };
  parts: { id: string; index: number; count: number; parts?: object };
  _msgid: string;
}

const builtOf = (message: Message) => message as unknown as Built;

describe("comment-webhook-build", () => {
  let runtime: EmbeddedRuntime;

  before(async () => {
    runtime = await EmbeddedRuntime.start({ functionExternalModules: false });
  });
  after(() => runtime.stop());
  beforeEach(() => runtime.forget());

  const flow = (build: Record<string, unknown>, ...others: FlowNode[]) => [
    tab(),
    node("build", "comment-webhook-build", "tab", [["built"]], build),
    probe("built"),
    node("complete", "complete", "tab", [["done"]], { scope: ["build"] }),
    probe("done"),
    ...caught(),
    ...others,
  ];
  const integrationsOf = (messages: Message[]) => messages.map((message) => builtOf(message).webhook.integration);

  describe("to all that subscribe", () => {
    it("makes one message per integration, each with an id and a place in a sequence of its own", async () => {
      await runtime.deploy(flow({}, integration("a", URL), integration("b", URL, { scheme: "sentry" })));
      runtime.send("build", {
        payload: comment(5),
        _msgid: "m",
        parts: { id: "outer", index: 2 },
        kept: { deep: [1] },
      });
      const messages = await runtime.next("built", 2);
      const [first, second] = messages.map(builtOf);
      assert.ok(first && second);

      assert.deepEqual(integrationsOf(messages), ["a", "b"]);
      assert.equal(new Set([first._msgid, second._msgid, "m"]).size, 3);
      assert.equal(first.parts.id, second.parts.id);
      assert.deepEqual([first.parts.index, second.parts.index, second.parts.count], [0, 1, 2]);
      assert.deepEqual(first.parts.parts, { id: "outer", index: 2 });
      assert.equal(first.webhook.event, "comment.created");
      assert.equal(first.webhook.orderKey, "5");
      assert.match(first.webhook.id, /^msg_[A-Za-z0-9]+$/);
      assert.equal(first.webhook.body.type, "comment.created");
      assert.equal(second.webhook.body.action, "created");
      assert.deepEqual(messages[0]?.kept, { deep: [1] });
      assert.notEqual(messages[0]?.kept, messages[1]?.kept);
      assert.equal((await runtime.next("done")).length, 1);
    });

    it("asks each integration's events, projects and organization", async () => {
      const others = [
        integration("created", URL, { events: ["comment.created"] }),
        integration("deleted", URL, { events: ["comment.deleted"] }),
        integration("both", URL, { projects: ["shop", "blog"], organization: "acme" }),
        integration("other", URL, { projects: ["blog"] }),
      ];
      await runtime.deploy(flow({}, ...others));
      runtime.send("build", { payload: comment() });
      assert.deepEqual(integrationsOf(await runtime.next("built", 2)), ["created", "both"]);
      await runtime.deploy(flow({ organization: "acme" }, ...others));
      runtime.send("build", { payload: comment() });
      assert.deepEqual(integrationsOf(await runtime.next("built", 1)), ["both"]);
    });

    it("sees global integrations and those of its own flow, not those of others, nor disabled ones", async () => {
      const others = [
        integration("global", URL),
        integration("mine", URL, { z: "tab" }),
        integration("theirs", URL, { z: "tab2" }),
        integration("off", URL, { d: true }),
      ];
      await runtime.deploy([...flow({}, ...others), tab("tab2")]);
      runtime.send("build", { payload: comment() });
      assert.deepEqual(integrationsOf(await runtime.next("built", 2)), ["global", "mine"]);
    });

    it("is done when nobody subscribes, and says so", async () => {
      await runtime.deploy(flow({}, integration("a", URL, { events: ["comment.deleted"] })));
      runtime.send("build", { payload: comment() });
      await runtime.nextOne("done");
      const { text } = await runtime.status("build", ({ fill }) => fill === "grey");
      assert.match(String(text), /comment\.created/);
      assert.deepEqual(runtime.arrived("built"), []);
      assert.deepEqual(runtime.arrived("caught"), []);
    });

    it("lets Join put the messages of one comment together, and keep the sequence around them", async () => {
      const join = node("join", "join", "tab", [["joined"]], { mode: "auto", build: "array" });
      const build = flow({}, integration("a", URL), integration("b", URL), join, probe("joined"));
      for (const each of build) if (each.id === "build") each.wires = [["join"]];
      await runtime.deploy(build);
      runtime.send("build", { payload: comment(), parts: { id: "outer", index: 0, count: 1 } });
      const joined = await runtime.nextOne("joined");
      assert.equal((joined.payload as unknown[]).length, 2);
      assert.deepEqual(joined.parts, { id: "outer", index: 0, count: 1 });
    });

    it("names the same delivery of a source the same, each time it comes", async () => {
      await runtime.deploy(flow({}, integration("a", URL)));
      const payload = comment();
      const req = { headers: { "webhook-id": "abc123" } };
      for (let time = 0; time < 2; time++) runtime.send("build", { payload, req });
      const [first, second] = (await runtime.next("built", 2)).map(builtOf);
      assert.equal(first?.webhook.id, second?.webhook.id);
    });
  });

  describe("to one integration", () => {
    it("builds for the chosen one only", async () => {
      await runtime.deploy(flow({ target: "one", integration: "b" }, integration("a", URL), integration("b", URL)));
      runtime.send("build", { payload: comment() });
      assert.deepEqual(integrationsOf(await runtime.next("built")), ["b"]);
    });

    it("tells Catch nodes when the chosen one is not deployed", async () => {
      await runtime.deploy(flow({ target: "one", integration: "b" }, integration("b", URL, { d: true })));
      runtime.send("build", { payload: comment() });
      assert.match(errorIn(await runtime.nextOne("caught")), /integration is "b", expected the id of a deployed/);
    });
  });

  describe("to integrations in the message", () => {
    const key = { store: { encryptionKey: "the key of the store" } };
    const store = { id: "store", type: "webhook-store", name: "The store", path: "given" };

    it("seals their secrets and takes them out of every message", async () => {
      await runtime.deploy(flow({ target: "msg" }, store), key);
      const given = {
        id: 17,
        url: URL,
        secret: "a secret to find",
        headers: { Authorization: "Bearer hidden" },
        store: "store",
      };
      runtime.send("build", { payload: comment(), integrations: [given, { id: "open", url: URL }] });
      const messages = await runtime.next("built", 2);
      await runtime.nextOne("done");
      const [sealed, open] = messages.map(builtOf);
      assert.equal(sealed?.webhook.integration, "17");
      assert.match(String(sealed?.webhook.settings?.sealedSecrets), /^v1\./);
      assert.equal(open?.webhook.settings?.sealedSecrets, null);
      const everything = JSON.stringify([messages, runtime.arrived("done"), runtime.log, [...runtime.statuses]]);
      for (const secret of ["a secret to find", "Bearer hidden"]) assert.equal(everything.includes(secret), false);
      assert.equal(
        messages.some((message) => "integrations" in message),
        false,
      );
    });

    it("builds for none if one of them is wrong, names every wrong field and shows no secret", async () => {
      await runtime.deploy(flow({ target: "msg" }, store, integration("taken", URL)), key);
      const integrations = [
        { id: "fine", url: URL },
        { id: "bad", url: "ftp://x", timeout: "soon", secret: "whsec_not base64!" },
        { id: "taken", url: URL },
        { id: "fine", url: URL },
        "nothing",
        { id: "lost", url: URL, secret: "s-e-c-r-e-t", store: "gone" },
      ];
      runtime.send("build", { payload: comment(), integrations });
      const message = await runtime.nextOne("caught");
      const error = errorIn(message);
      for (const field of ["[1].url", "[1].timeout", "[2].id", "[4]", "[5].store"]) {
        assert.ok(error.includes(`msg.integrations${field}`), `${field} in ${error}`);
      }
      assert.equal(JSON.stringify([message, runtime.log]).includes("s-e-c-r-e-t"), false);
      assert.deepEqual(runtime.arrived("built"), []);
    });

    it("names the store and its encryptionKey where secrets cannot be sealed", async () => {
      await runtime.deploy(flow({ target: "msg" }, { ...store, id: "keyless", name: "No key" }));
      runtime.send("build", {
        payload: comment(),
        integrations: [{ id: "a", url: URL, secret: "s-e-c-r-e-t", store: "keyless" }],
      });
      const error = errorIn(await runtime.nextOne("caught"));
      assert.match(error, /encryptionKey in the webhook-store node "No key"/);
      runtime.send("build", { payload: comment(), integrations: [{ id: "a", url: URL, secret: "s-e-c-r-e-t" }] });
      assert.match(errorIn(await runtime.nextOne("caught")), /encryptionKey for the default store/);
    });
  });

  describe("from sources", () => {
    const signed = (body: string) => ({
      payload: Buffer.from(body),
      req: {
        headers: {
          "x-hub-signature-256": `sha256=${createHmac("sha256", SOURCE_SECRET).update(body).digest("hex")}`,
        },
      },
    });

    it("takes only a raw body with the right signature where a source secret is set", async () => {
      await runtime.deploy(flow({}, integration("a", URL)), { build: { sourceSecret: SOURCE_SECRET } });
      const body = JSON.stringify(comment());
      runtime.send("build", signed(body));
      await runtime.nextOne("built");
      runtime.send("build", { ...signed(body), payload: Buffer.from(body.replace("Ada", "Eve")) });
      assert.match(errorIn(await runtime.nextOne("caught")), /X-Hub-Signature-256/);
      runtime.send("build", { ...signed(body), payload: comment() });
      assert.match(errorIn(await runtime.nextOne("caught")), /raw body/);
      runtime.send("build", { payload: body });
      assert.match(errorIn(await runtime.nextOne("caught")), /no .* header/);
      assert.equal(JSON.stringify(runtime.log).includes(SOURCE_SECRET), false);
      assert.deepEqual(runtime.arrived("built"), []);
    });

    it("maps other messages by JSONata, also from a verified raw body", async () => {
      const mapping = `{
        "action": "created", "comment": {"id": payload.nr, "text": payload.says},
        "issue": {"id": flowContext("issue") ? 1 : 2}, "project": {"slug": "shop"},
        "actor": {"type": "user", "id": 1, "name": req.headers.user}, "timestamp": payload.at
      }`;
      const payload = { nr: 9, says: "Hi", at: "2026-11-23T10:00:00Z" };
      await runtime.deploy(
        flow({ source: "custom", mapping: mapping.replace("flowContext", "$flowContext") }, integration("a", URL)),
      );
      runtime.send("build", { payload, req: { headers: { user: "Ada" } } });
      assert.equal(builtOf(await runtime.nextOne("built")).webhook.orderKey, "9");

      await runtime.deploy(
        flow({ source: "custom", mapping: mapping.replace("flowContext", "$flowContext") }, integration("a", URL)),
        { build: { sourceSecret: SOURCE_SECRET } },
      );
      const { payload: body, req } = signed(JSON.stringify(payload));
      runtime.send("build", { payload: body, req: { headers: { ...req.headers, user: "Ada" } } });
      assert.equal(builtOf(await runtime.nextOne("built")).webhook.orderKey, "9");
    });

    it("tells Catch nodes what a mapping left out, and of one that fails or never ends", async () => {
      const tryMapping = async (mapping: string) => {
        await runtime.deploy(flow({ source: "custom", mapping }, integration("a", URL)));
        runtime.send("build", { payload: {} });
        return errorIn(await runtime.nextOne("caught"));
      };
      assert.match(await tryMapping('{"action": "created"}'), /mapping\.comment/);
      assert.match(await tryMapping("$number('x')"), /mapping failed/);
      assert.match(await tryMapping("($f := function($n) { $f($n + 1) }; $f(1))"), /mapping failed: it took longer/);
    });

    it("says at deploy that a mapping is no expression", async () => {
      await runtime.deploy(flow({ source: "custom", mapping: "{{" }));
      await runtime.status("build", ({ fill, text }) => fill === "red" && /mapping/.test(String(text)));
      await runtime.deploy(flow({ source: "custom", mapping: "" }));
      await runtime.status("build", ({ fill, text }) => fill === "red" && /mapping/.test(String(text)));
    });

    it("no longer says so when the mapping was mended", async () => {
      await runtime.deploy(flow({ source: "custom", mapping: "{{" }));
      await runtime.status("build", ({ fill }) => fill === "red");
      await runtime.deploy(flow({ source: "custom", mapping: "payload" }));
      await runtime.status("build", ({ text }) => text === undefined);
    });

    it("tells Catch nodes each wrong field of a comment, and goes on", async () => {
      await runtime.deploy(flow({}, integration("a", URL)));
      runtime.send("build", { payload: comment("", { action: "liked" }) });
      const error = errorIn(await runtime.nextOne("caught"));
      assert.match(error, /msg\.payload\.action is "liked"/);
      assert.match(error, /msg\.payload\.comment\.id/);
      runtime.send("build", { payload: comment() });
      await runtime.nextOne("built");
    });

    it("refuses what is nested too deeply for Node-RED, before anything is built, and names where", async () => {
      const levels = 20_000;
      const deep: unknown = JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
      const mapping = "payload";
      for (const source of [{}, { source: "custom", mapping }]) {
        await runtime.deploy(flow(source, integration("a", URL), integration("b", URL)));
        runtime.send("build", { payload: comment(1, { extra: deep }) });
        const error = errorIn(await runtime.nextOne("caught"));
        assert.match(error, /msg\.payload\.extra is nested too deeply, expected at most 1000 levels/);
        assert.deepEqual(runtime.arrived("built"), []);
      }
    });

    it("answers requests behind it: what an http response node needs is passed on", async () => {
      const response = node("response", "http response", "tab");
      const receive = node("receive", "http in", "tab", [["build"]], { url: "/comments", method: "post" });
      const nodes = flow({}, integration("a", URL), receive, response);
      for (const each of nodes) if (each.id === "build") each.wires = [["response"]];
      await runtime.deploy(nodes);
      const answer = await fetch(`${runtime.url}/comments`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(comment()),
      });
      assert.equal(answer.status, 200);
      await answer.arrayBuffer();
    });
  });
});
