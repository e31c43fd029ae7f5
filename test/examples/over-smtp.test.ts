import assert from "node:assert/strict";
import { comment } from "../host/flows";
import { certificate, MailServer } from "../lib/notify/mail-server";
import { RunningPipeline } from "./running-pipeline";
import { told } from "./told-owners";

const OWNERS = ["ada@example.com", "grace@example.com"];
const NAMES = ["Sentry-style receiver", "Standard receiver"];
const LOGIN = { user: "webhooks", password: "a mail password" };

describe("the example flow with a mail server", () => {
  let pipeline: RunningPipeline;
  let server: MailServer;

  before(async () => {
    server = new MailServer({
      secure: true,
      authOptional: false,
      onAuth: ({ username, password }, _session, callback) =>
        username === LOGIN.user && password === LOGIN.password
          ? callback(null, { user: username })
          : callback(new Error("wrong name or password")),
    });
    const port = await server.listen();
    pipeline = await RunningPipeline.start();
    await pipeline.import({
      mailer: { name: "Mail server", transport: "smtp", host: "127.0.0.1", port, secure: true, tls: "mail-tls" },
      mailerCredentials: LOGIN,
      // The core node that tells Node-RED whom to trust; 4.1 wants all of its texts.
      nodes: [{ id: "mail-tls", type: "tls-config", name: "", cert: "", key: "", ca: "", verifyservercert: true }],
      credentials: { "mail-tls": { certdata: "", keydata: "", cadata: certificate.cert } },
    });
  });
  after(async () => {
    await pipeline.stop();
    await server.close();
  });

  it("warns owners over SMTP, then tells them that their integrations are disabled and enabled, each once", async () => {
    const everyone = NAMES.length * OWNERS.length;
    pipeline.press("answer 500");
    await Promise.all(["a", "b"].map((id) => pipeline.accepted(comment(id))));
    await pipeline.owners(everyone);
    await Promise.all(["c", "d"].map((id) => pipeline.accepted(comment(id))));
    await pipeline.owners(everyone);
    await pipeline.idle();
    const sent = pipeline.relay.requests.length;
    await pipeline.accepted(comment("e"));
    await pipeline.idle();
    assert.equal(pipeline.relay.requests.length, sent);
    pipeline.press("fine");
    pipeline.press("enable the standard one");
    pipeline.press("enable the Sentry one");
    await pipeline.owners(everyone);

    const mails = server.received.map(({ mail }) => mail);
    const expected = ["at-risk", "disabled", "active"].flatMap((kind) =>
      NAMES.flatMap((name) => OWNERS.map((owner) => `${kind} ${name} to ${owner}`)),
    );
    assert.deepEqual(told(mails, NAMES), expected.sort());
    for (const { to, from, secure, user, mail } of server.received) {
      assert.equal(to.length, 1);
      const [owner] = to;
      assert.equal(from, "webhooks@example.com");
      assert.deepEqual([secure, user], [true, LOGIN.user]);
      // No owner sees another.
      const others = OWNERS.filter((each) => each !== owner);
      for (const other of others) assert.ok(!`${mail.text}${mail.html}${mail.headerLines}`.includes(other));
    }
    assert.deepEqual(await pipeline.mails(), []);
  });
});
