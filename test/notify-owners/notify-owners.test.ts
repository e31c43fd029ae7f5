import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { EmbeddedRuntime, type FlowNode, type Message } from "../host/embedded-runtime";
import { caught, comment, errorIn, integration, node, probe, SECRET, tab } from "../host/flows";
import { Receiver } from "../host/receiver";

interface Told {
  topic: string;
  payload: string;
  notification: {
    kind: string;
    subject: string;
    items: { integration: { id: string; name: string; url: string }; change: { to: string } }[];
    recipients: { address: string; accepted: boolean; error: string | null }[];
  };
}

const toldOf = (message: Message) => message as unknown as Told;

describe("notify-owners", () => {
  let runtime: EmbeddedRuntime;
  let hooks = "";
  let mails = "";
  let tests = 0;

  const folderMailer = (): FlowNode => ({
    ...{ id: "mailer", type: "owner-mailer", name: "Mail", transport: "folder", folder: mails },
    from: "Hooks <hooks@example.com>",
  });
  const flow = (notify: Record<string, unknown>, ...others: FlowNode[]) => [
    tab(),
    integration(hooks, "https://hooks.example.com/in?token=a-token-to-find", {
      ...{ name: `Shop ${hooks}`, owners: ["ada@example.com", "Grace@Example.com"], organization: "acme" },
    }),
    node(`health-${hooks}`, "integration-health-check", "tab", [[], ["notify"], ["notify"], ["notify"]]),
    node("notify", "notify-owners", "tab", [["told"]], notify),
    probe("told"),
    node("complete", "complete", "tab", [["done"]], { scope: ["notify"] }),
    probe("done"),
    ...caught(),
    ...others,
  ];
  const command = (topic: string, properties: Message = {}) =>
    runtime.send(`health-${hooks}`, { integration: hooks, topic, by: "Ada", ...properties });
  const mailsIn = () =>
    existsSync(join(runtime.userDir, mails)) ? readdirSync(join(runtime.userDir, mails)).sort() : [];

  before(async () => {
    runtime = await EmbeddedRuntime.start();
  });
  after(() => runtime.stop());
  beforeEach(() => {
    runtime.forget();
    hooks = `hooks-${++tests}`;
    mails = `mails-${tests}`;
  });

  it("mails each owner once, each alone, and tells of it on its output", async () => {
    await runtime.deploy(flow({ mailer: "mailer", baseUrl: "https://red.example.com/" }, folderMailer()));
    command("disable", { owners: "bob@example.com, ADA@example.com" });
    const told = toldOf(await runtime.nextOne("told"));
    assert.equal(told.notification.kind, "disabled");
    assert.equal(told.topic, told.notification.subject);
    assert.match(told.topic, new RegExp(`Shop ${hooks}`));
    assert.match(told.payload, /has been switched off by Ada\./);
    assert.match(told.payload, /Webhooks: New ones are held for 7 days, at most 10,000 webhooks;/);
    assert.match(told.payload, /\nSee https:\/\/red\.example\.com\/\n/);
    assert.doesNotMatch(told.payload, /Find out why/);
    assert.deepEqual(
      told.notification.recipients.map(({ address, accepted }) => [address, accepted]).sort(),
      ["ada@example.com", "bob@example.com", "grace@example.com"].map((address) => [address, true]),
    );
    const files = mailsIn();
    assert.equal(files.length, 3);
    await runtime.status("notify", ({ text }) => text === "disabled: 3 owners told");
    for (const file of files) {
      const mail = await simpleParser(readFileSync(join(runtime.userDir, mails, file)));
      assert.equal(mail.from?.text, '"Hooks" <hooks@example.com>');
      assert.equal([mail.to].flat().length, 1);
      assert.equal(`${mail.text} ${mail.html}`.includes("a-token-to-find"), false);
    }
    assert.equal((await runtime.next("done")).length, 1);

    // The same change from another flow, or once more, is not told twice.
    command("enable");
    await runtime.nextOne("told");
    assert.equal(mailsIn().length, 5);
  });

  it("says how many webhooks are held, and that they go out when the integration is enabled again", async () => {
    const receiver = await Receiver.listen();
    const build = node("build", "comment-webhook-build", "tab", [["send"]], { target: "one", integration: "held" });
    const send = node("send", "webhook-send", "tab");
    const complete = node("complete-send", "complete", "tab", [["accepted"]], { scope: ["send"] });
    const held = integration("held", receiver.url);
    await runtime.deploy(flow({}, held, build, send, complete, probe("accepted")), { held: { secret: SECRET } });
    runtime.send(`health-${hooks}`, { integration: "held", topic: "disable", by: "Ada" });
    await runtime.nextOne("told");
    for (const id of [1, 2]) runtime.send("build", { payload: comment(id) });
    await runtime.next("accepted", 2);
    const release = receiver.hold();
    runtime.send(`health-${hooks}`, { integration: "held", topic: "enable", by: "Ada" });
    const { payload } = toldOf(await runtime.nextOne("told"));
    assert.match(payload, /Webhooks: 2 webhooks held meanwhile go out now, oldest first and a few at a time\./);
    await runtime.status("notify", ({ fill, text }) => fill === "yellow" && text === "active: no owner is known");
    release(200);
    await receiver.next();
    await receiver.close();
  });

  it("gives messages only where no mailer is chosen, to those given in the message and the node", async () => {
    await runtime.deploy(flow({ recipients: '["ops@example.com"]', kinds: ["disabled"] }));
    command("disable");
    const { notification } = toldOf(await runtime.nextOne("told"));
    assert.deepEqual(notification.recipients.map(({ address }) => address).sort(), [
      ...["ada@example.com", "grace@example.com", "ops@example.com"],
    ]);
    await runtime.status("notify", ({ text }) => text === "disabled: message only, no mail");
    command("enable");
    await runtime.next("done", 2);
    assert.deepEqual(runtime.arrived("told"), []);
  });

  it("never mails because of a dry run", async () => {
    const health = node(
      `health-${hooks}`,
      "integration-health-check",
      "tab",
      [[], ["notify"], ["notify"], ["notify"]],
      {
        ...{ mode: "dry-run", rules: [{ rule: "consecutive", count: 1 }], minWarning: 0, warnAt: 1 },
      },
    );
    const nodes = flow({ mailer: "mailer" }, folderMailer()).map((each) => (each.id === health.id ? health : each));
    const track = node("track", "error-tracker", "tab", [[health.id]]);
    await runtime.deploy([...nodes, track]);
    runtime.send("track", { integration: hooks, statusCode: 500 });
    await runtime.nextOne("done");
    assert.deepEqual(runtime.arrived("told"), []);
    assert.deepEqual(mailsIn(), []);
  });

  it("tells Catch nodes of messages that tell no change, and takes one without a change as it is", async () => {
    await runtime.deploy(flow({}));
    const refused: [Message, RegExp][] = [
      [{ payload: 1 }, /msg\.webhook\.integration is nothing.*msg\.health\.change is nothing/],
      [{ integration: hooks, health: { change: 7 } }, /msg\.health\.change is 7/],
      [{ integration: hooks, health: { change: { to: "disabled" } } }, /msg\.health\.change is .*last 50 changes/],
    ];
    for (const [message, expected] of refused) {
      runtime.send("notify", message);
      assert.match(errorIn(await runtime.nextOne("caught")), expected);
    }
    runtime.send("notify", { integration: hooks, health: { change: null } });
    await runtime.nextOne("done");
    command("disable", { owners: ["no address"] });
    assert.match(errorIn(await runtime.nextOne("caught")), /msg\.owners\[0\]/);
  });

  it("says which recipients were refused, and keeps the mail server's password out of everything", async () => {
    const server = net.createServer((socket) => {
      socket.write("220 mail.test\r\n");
      socket.on("data", (data) => {
        const line = data.toString();
        if (line.startsWith("EHLO")) socket.write("250-mail.test\r\n250 AUTH PLAIN\r\n");
        else if (line.startsWith("AUTH")) socket.write(`535 no: ${line.trim()} and pass-to-find\r\n`);
        else socket.write("250 ok\r\n");
      });
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const smtp = { transport: "smtp", host: "127.0.0.1", port: `${port}`, secure: "false", from: "hooks@example.com" };
    await runtime.deploy(flow({ mailer: "mailer" }, { id: "mailer", type: "owner-mailer", name: "Mail", ...smtp }), {
      mailer: { user: "me", password: "pass-to-find" },
    });
    command("disable");
    const told = await runtime.nextOne("told");
    for (const { accepted, error } of toldOf(told).notification.recipients) {
      assert.equal(accepted, false);
      assert.match(String(error), /535/);
    }
    await runtime.status("notify", ({ fill }) => fill !== "green");
    const everything = JSON.stringify([told, runtime.arrived("caught"), runtime.log, [...runtime.statuses]]);
    for (const secret of ["pass-to-find", Buffer.from("pass-to-find").toString("base64")]) {
      assert.equal(everything.includes(secret), false);
    }
    server.close();
  });

  it("names wrong properties, and a mailer that is not deployed", async () => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ kinds: ["sometimes"] }, /notify-owners\.kinds\[0\]/],
      [{ recipients: ["nobody"] }, /notify-owners\.recipients\[0\]/],
      [{ baseUrl: "ftp://x" }, /notify-owners\.baseUrl is "ftp:\/\/x"/],
      [{ baseUrl: "https://x/{{id}}" }, /notify-owners\.baseUrl .* no placeholder but \{\{integration\}\}/],
      [{ mailer: "gone" }, /notify-owners\.mailer is "gone"/],
    ];
    for (const [properties, expected] of cases) {
      runtime.forget();
      await runtime.deploy(flow(properties));
      assert.ok(
        runtime.log.some((line) => expected.test(line)),
        `${expected} in ${runtime.log.join("\n")}`,
      );
    }
  });
});
