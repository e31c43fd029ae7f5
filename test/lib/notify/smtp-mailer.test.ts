import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { OutgoingMail } from "../../../nodes/lib/notify/owner-mailer";
import { SmtpMailer, type SmtpSettings } from "../../../nodes/lib/notify/smtp-mailer";
import { certificate, MailServer } from "./mail-server";
import { MONDAY } from "./sample-notice";

const mail: OutgoingMail = {
  id: "0123456789abcdef",
  kind: "at-risk",
  dateMs: MONDAY,
  to: "owner@example.com",
  subject: "Webhooks to Build bot are failing",
  text: "Hello,\n.\nthat line holds nothing but a dot.\n",
  html: "<p>Hello</p>",
};

const PASSWORD = "correct horse battery staple";

describe("SmtpMailer", () => {
  const closers: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function serve(options: ConstructorParameters<typeof MailServer>[0] = {}) {
    const server = new MailServer(options);
    const port = await server.listen();
    closers.push(() => server.close());
    return { server, port };
  }

  function mailer(port: number, changes: Partial<SmtpSettings> = {}): SmtpMailer {
    const made = new SmtpMailer({
      host: "127.0.0.1",
      port,
      secure: false,
      from: { name: "Comment webhooks", address: "webhooks@example.org" },
      user: "",
      password: "",
      tls: null,
      ...changes,
    });
    closers.push(() => made.close());
    return made;
  }

  /** A server that says its part of SMTP by hand, and what it does when it has the whole mail. */
  async function scripted(
    atEndOfData: (socket: Socket) => void,
    replies: Record<string, string> = {},
  ): Promise<number> {
    const server: Server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("220 scripted\r\n");
      let inData = false;
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
        if (inData) {
          if (text.endsWith("\r\n.\r\n")) atEndOfData(socket);
          return;
        }
        const lines = text.split("\r\n");
        text = lines.pop() ?? "";
        for (const line of lines) {
          const command = line.slice(0, 4).toUpperCase();
          inData ||= command === "DATA";
          socket.write(`${replies[command] ?? (command === "DATA" ? "354 go on" : "250 fine")}\r\n`);
        }
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(async () => {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    return (server.address() as AddressInfo).port;
  }

  it("sends one mail as text and HTML", async () => {
    const { server, port } = await serve();
    assert.deepEqual(await mailer(port).send(mail), { accepted: true });
    const [received] = server.received;
    assert.ok(received);
    assert.deepEqual(received.to, ["owner@example.com"]);
    assert.equal(received.from, "webhooks@example.org");
    assert.equal(received.mail.from?.text, '"Comment webhooks" <webhooks@example.org>');
    assert.equal(received.mail.messageId, "<0123456789abcdef@example.org>");
    assert.equal(received.mail.subject, mail.subject);
    assert.equal(received.mail.date?.getTime(), MONDAY);
    assert.equal(received.mail.text, mail.text);
    assert.equal(received.mail.html, mail.html);
    assert.equal(received.mail.headers.get("auto-submitted"), "auto-generated");
  });

  it("logs in", async () => {
    const { server, port } = await serve({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, callback) =>
        password === PASSWORD ? callback(null, { user: username ?? "" }) : callback(new Error("wrong")),
    });
    assert.deepEqual(await mailer(port, { user: "ada", password: PASSWORD }).send(mail), { accepted: true });
    assert.equal(server.received[0]?.user, "ada");
  });

  it("keeps the password out of the error when the server repeats it", async () => {
    const { port } = await serve({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ password }, _session, callback) =>
        callback(new Error(`no such password: ${password} ${Buffer.from(`\0ada\0${password}`).toString("base64")}`)),
    });
    const result = await mailer(port, { user: "ada", password: PASSWORD }).send(mail);
    assert.equal(result.accepted, false);
    const shown = JSON.stringify(result);
    assert.match(shown, /no such password: \(hidden\) \(hidden\)/);
    assert.ok(!shown.includes(PASSWORD));
  });

  it("uses TLS from the first byte with the authority given", async () => {
    const { server, port } = await serve({ secure: true });
    const trusted = mailer(port, { secure: true, tls: { ca: certificate.cert, rejectUnauthorized: true } });
    assert.deepEqual(await trusted.send(mail), { accepted: true });
    assert.equal(server.received[0]?.secure, true);
  });

  it("refuses a certificate that it does not know, unless told not to look", async () => {
    const { port } = await serve({ secure: true });
    const strict = await mailer(port, { secure: true }).send(mail);
    assert.equal(strict.accepted, false);
    assert.match(strict.accepted === false ? strict.error : "", /self-signed/);
    const lenient = mailer(port, { secure: true, tls: { rejectUnauthorized: false } });
    assert.deepEqual(await lenient.send(mail), { accepted: true });
  });

  it("checks the certificate against the server name given", async () => {
    const { port } = await serve({ secure: true });
    const tls = { ca: certificate.cert, rejectUnauthorized: true };
    const wrong = await mailer(port, { secure: true, tls: { ...tls, servername: "other.test" } }).send(mail);
    assert.equal(wrong.accepted, false);
    const right = await mailer(port, { secure: true, tls: { ...tls, servername: "mail.test" } }).send(mail);
    assert.deepEqual(right, { accepted: true });
  });

  it("upgrades with STARTTLS where the server offers it", async () => {
    const { server, port } = await serve({ disabledCommands: [] });
    const upgrading = mailer(port, { tls: { ca: certificate.cert, rejectUnauthorized: true } });
    assert.deepEqual(await upgrading.send(mail), { accepted: true });
    assert.equal(server.received[0]?.secure, true);
  });

  it("sends no password to another machine without TLS", async () => {
    let passwords = 0;
    const { server, port } = await serve({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username }, _session, callback) => {
        passwords += 1;
        callback(null, { user: username ?? "" });
      },
    });
    // 0.0.0.0 reaches this machine, but is not written as a loopback address.
    const remote = await mailer(port, { host: "0.0.0.0", user: "ada", password: PASSWORD }).send(mail);
    assert.equal(remote.accepted, false);
    assert.equal(passwords, 0);
    assert.equal(server.received.length, 0);
  });

  it("tells a refusal for ever from one for now", async () => {
    for (const [code, permanent] of [
      [550, true],
      [452, false],
    ] as const) {
      const { port } = await serve({
        onRcptTo: (_address, _session, callback) =>
          callback(Object.assign(new Error("not here"), { responseCode: code })),
      });
      const result = await mailer(port).send(mail);
      assert.equal(result.accepted, false);
      assert.equal(result.accepted === false && result.permanent, permanent);
      assert.match(JSON.stringify(result), /not here/);
    }
  });

  it("takes a server that is not there as trouble for now", async () => {
    const { server, port } = await serve();
    await server.close();
    closers.length = 0;
    const result = await mailer(port).send(mail);
    assert.equal(result.accepted === false && result.permanent, false);
    assert.match(JSON.stringify(result), /ECONNREFUSED/);
  });

  it("refuses what is not an address without asking the server", async () => {
    const { server, port } = await serve();
    const sender = mailer(port);
    for (const to of [
      "",
      "nobody",
      "a@b\r\nRCPT TO:<c@d.example>",
      "a@example.com, b@example.com",
      "<a@example.com>",
    ]) {
      const result = await sender.send({ ...mail, to });
      assert.equal(result.accepted === false && result.permanent, true, to);
    }
    assert.equal(server.received.length, 0);
  });

  it("hands the mail over only after the caller has been told", async () => {
    const { server, port } = await serve();
    const sender = mailer(port);
    let receivedBefore = -1;
    await sender.send(mail, {
      beforeHandingOver: async () => {
        receivedBefore = server.received.length;
      },
    });
    assert.equal(receivedBefore, 0);
    assert.equal(server.received.length, 1);
  });

  it("sends nothing if the caller cannot write down that it will", async () => {
    const { server, port } = await serve();
    const result = await mailer(port).send(mail, { beforeHandingOver: () => Promise.reject(new Error("disk full")) });
    assert.equal(result.accepted === false && result.permanent, false);
    assert.match(JSON.stringify(result), /disk full/);
    assert.equal(server.received.length, 0);
  });

  it("does not tell the caller of handing over when the server refuses before", async () => {
    const port = await scripted(() => undefined, { RCPT: "550 not here" });
    let told = 0;
    await mailer(port).send(mail, {
      beforeHandingOver: async () => {
        told += 1;
      },
    });
    assert.equal(told, 0);
  });

  it("does not know what became of a mail when the connection breaks after DATA", async () => {
    const port = await scripted((socket) => socket.destroy());
    const result = await mailer(port).send(mail);
    assert.equal(result.accepted, "unknown");
  });

  it("knows that a mail was refused when the server says so after DATA", async () => {
    const later = await mailer(await scripted((socket) => socket.write("451 come back\r\n"))).send(mail);
    assert.equal(later.accepted === false && later.permanent, false);
    const never = await mailer(await scripted((socket) => socket.write("554 spam\r\n"))).send(mail);
    assert.equal(never.accepted === false && never.permanent, true);
  });

  it("is not held up by a server that never greets", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const result = await mailer(port, { timeouts: { greetingMs: 50 } }).send(mail);
    assert.equal(result.accepted === false && result.permanent, false);
  });

  it("is not held up by a server that falls silent", async () => {
    const port = await scripted(() => undefined, { MAIL: "250-still thinking" });
    const result = await mailer(port, { timeouts: { silenceMs: 50 } }).send(mail);
    assert.equal(result.accepted === false && result.permanent, false);
  });

  it("is not held up by a server that drips bytes", async () => {
    let dripping: NodeJS.Timeout | undefined;
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("220-slow\r\n");
      dripping = setInterval(() => socket.write("220-slow\r\n"), 10);
      socket.on("close", () => clearInterval(dripping));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const result = await mailer(port, { timeouts: { mailMs: 100, silenceMs: 5_000 } }).send(mail);
    assert.equal(result.accepted === false && result.permanent, false);
  });

  it("breaks off what it sends when it is closed", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    closers.push(() => new Promise((resolve) => silent.close(() => resolve())));
    const sender = mailer((silent.address() as AddressInfo).port);
    const sending = sender.send(mail);
    await once(silent, "connection");
    await sender.close();
    const result = await sending;
    assert.equal(result.accepted === false && result.permanent, false);
    assert.equal((await sender.send(mail)).accepted, false);
  });

  it("lets no file and no URL into a mail", async () => {
    const { server, port } = await serve();
    const secretPath = __filename;
    await mailer(port).send({ ...mail, text: `path: ${secretPath}`, html: `<img src="file://${secretPath}">` });
    const [received] = server.received;
    assert.equal(received?.mail.attachments.length, 0);
    assert.ok(!received?.raw.includes("lets no file"));
  });
});
