import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { FolderMailer } from "../../../nodes/lib/notify/folder-mailer";
import { MAIL_KINDS } from "../../../nodes/lib/notify/mail-templates";
import { type Notification, OwnerNotToldError } from "../../../nodes/lib/notify/notification";
import { Notifier, type NotifierOptions } from "../../../nodes/lib/notify/notifier";
import { SmtpMailer } from "../../../nodes/lib/notify/smtp-mailer";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { MemoryMailQueue } from "../../fixtures/memory-mail-queue";
import { HandClock } from "./hand-clock";
import { MailServer, recipientsOf } from "./mail-server";
import { MONDAY, sampleFacts, sampleTransition } from "./sample-notice";

const ana = "ana@example.com";
const bo = "bo@example.com";
const cleo = "cleo@example.com";

describe("Notifier", () => {
  const closers: (() => Promise<void>)[] = [];
  let queue: MemoryMailQueue;
  let clock: HandClock;

  beforeEach(() => {
    queue = new MemoryMailQueue();
    clock = new HandClock(MONDAY);
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    assert.equal(clock.timers, 0, "a timer was left");
  });

  async function serve(options: SMTPServerOptions = {}, port = 0) {
    const server = new MailServer(options);
    const bound = await server.listen(port);
    closers.push(() => server.close());
    return { server, port: bound };
  }

  function smtp(port: number): SmtpMailer {
    const from = { name: "Comment webhooks", address: "webhooks@example.org" };
    const mailer = new SmtpMailer({ host: "127.0.0.1", port, secure: false, from, user: "", password: "", tls: null });
    closers.push(() => mailer.close());
    return mailer;
  }

  function make(changes: Partial<NotifierOptions>) {
    const events = new EventEmitter();
    const notifications: Notification[] = [];
    const errors: Error[] = [];
    const notifier = new Notifier({
      queue,
      mailer: null,
      node: "notify-1",
      clock,
      random: () => 0.5,
      kinds: MAIL_KINDS,
      recipients: [],
      baseUrl: "",
      templates: {},
      onNotification: (notification) => {
        notifications.push(notification);
        events.emit("notification", notification);
      },
      onError: (error) => {
        errors.push(error);
        events.emit("told", error);
      },
      ...changes,
    });
    closers.push(() => notifier.stop());
    const notification = async (): Promise<Notification> => (await once(events, "notification"))[0];
    return { notifier, notifications, errors, notification };
  }

  /** Resolves when nothing is queued any more for these nodes. */
  async function drained(...nodes: string[]): Promise<void> {
    for (;;) {
      const settled = queue.settled();
      const queued = await Promise.all(nodes.map((node) => queue.queuedNotices(node)));
      if (queued.flat().length === 0) return;
      await settled;
    }
  }

  const news = (owners: string[], transition = sampleTransition(), integration = sampleFacts()) => ({
    integration,
    owners,
    transition,
  });

  it("sends each owner a mail of their own and tells what became of each", async () => {
    const { server, port } = await serve();
    const { notifier, notification, errors } = make({ mailer: smtp(port), recipients: [cleo, "ANA@example.com"] });
    const told = notification();
    await notifier.notify(news([ana, ` ${bo}`, ana]));
    const { kind, episode, items, subject, text, recipients } = await told;
    assert.deepEqual(recipientsOf(server), [ana, bo, cleo]);
    for (const { mail, to, raw } of server.received) {
      assert.equal(raw.match(/example\.com>?\r?$/gim)?.length, 1, "another owner is named");
      assert.deepEqual([mail.subject, mail.text], [subject, text]);
      assert.ok(!mail.cc && !mail.bcc && to.length === 1);
    }
    assert.deepEqual(
      { kind, episode, recipients },
      {
        kind: "at-risk",
        episode: "ep_1",
        recipients: [ana, bo, cleo].map((address) => ({ address, accepted: true, error: null })),
      },
    );
    assert.deepEqual(
      items.map(({ integration, change }) => [integration.id, change.to]),
      [["int-1", "at-risk"]],
    );
    assert.deepEqual(errors, []);
  });

  it("tells the others when the server refuses one of three, and says who was not told", async () => {
    const { server, port } = await serve({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address === bo ? Object.assign(new Error("no such user"), { responseCode: 550 }) : null),
    });
    const { notifier, notification, errors } = make({ mailer: smtp(port) });
    const told = notification();
    await notifier.notify(news([ana, bo, cleo]));
    const { recipients } = await told;
    assert.deepEqual(recipientsOf(server), [ana, cleo]);
    assert.deepEqual(
      recipients.map(({ accepted }) => accepted),
      [true, false, true],
    );
    assert.match(recipients[1]?.error ?? "", /no such user/);
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof OwnerNotToldError && errors[0].owner === bo);
    assert.deepEqual(await queue.queuedNotices("notify-1"), []);
  });

  it("tries again when the server is back, mails nobody twice and forgets nobody", async () => {
    const busy = new Set([bo]);
    const { server, port } = await serve({
      onRcptTo: ({ address }, _session, callback) =>
        callback(busy.has(address) ? Object.assign(new Error("try later"), { responseCode: 451 }) : null),
    });
    const { notifier, notification, notifications, errors } = make({ mailer: smtp(port) });
    const told = notification();
    await notifier.notify(news([ana, bo]));
    const { recipients } = await told;
    assert.match(recipients[1]?.error ?? "", /try later.*will be tried again/);
    const again = queue.settled();
    clock.advance(MINUTE_MS);
    assert.equal((await again).state, "retry");
    busy.clear();
    const settled = queue.settled();
    clock.advance(2 * MINUTE_MS);
    assert.deepEqual(await settled, { state: "sent" });
    assert.deepEqual(recipientsOf(server), [ana, bo]);
    assert.equal(notifications.length, 1);
    assert.deepEqual(errors, []);
  });

  it("waits from a minute to an hour between tries and gives up after a day", async () => {
    const { server, port } = await serve();
    await server.close();
    closers.length = 0;
    const { notifier, notification, errors } = make({ mailer: smtp(port) });
    const told = notification();
    await notifier.notify(news([ana]));
    await told;
    const waits: number[] = [];
    for (
      let [waiting] = await queue.queuedNotices("notify-1");
      waiting;
      [waiting] = await queue.queuedNotices("notify-1")
    ) {
      waits.push(waiting.dueAt - clock.now());
      const settled = queue.settled();
      clock.advance(waiting.dueAt - clock.now());
      await settled;
    }
    assert.deepEqual(
      waits.slice(0, 8),
      [1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * MINUTE_MS),
    );
    assert.equal(clock.now(), MONDAY + DAY_MS);
    await notifier.stop();
    assert.deepEqual(queue.results.at(-1)?.state, "failed");
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? "", /ana@example\.com.*ECONNREFUSED/);
  });

  it("sends after a restart what was queued before it", async () => {
    const { server, port } = await serve();
    const before = make({ mailer: smtp(port), digestDelayMs: MINUTE_MS });
    await before.notifier.notify(news([ana, bo]));
    await before.notifier.stop();
    assert.equal(server.received.length, 0);
    clock.advance(HOUR_MS);
    const after = make({ mailer: smtp(port), digestDelayMs: MINUTE_MS });
    const told = after.notification();
    await after.notifier.start();
    assert.equal((await told).recipients.length, 2);
    assert.deepEqual(recipientsOf(server), [ana, bo]);
    assert.equal(before.notifications.length, 0);
  });

  it("keeps the time of the next try across a restart", async () => {
    let refuse = true;
    const { server, port } = await serve({
      onRcptTo: (_address, _session, callback) =>
        callback(refuse ? Object.assign(new Error("later"), { responseCode: 451 }) : null),
    });
    const before = make({ mailer: smtp(port) });
    const told = before.notification();
    await before.notifier.notify(news([ana]));
    await told;
    await before.notifier.stop();
    refuse = false;
    const after = make({ mailer: smtp(port) });
    await after.notifier.start();
    clock.advance(MINUTE_MS - 1);
    assert.equal(server.received.length, 0);
    const settled = queue.settled();
    clock.advance(1);
    assert.deepEqual(await settled, { state: "sent" });
    assert.deepEqual(recipientsOf(server), [ana]);
    assert.equal(after.notifications.length, 0);
  });

  it("counts a mail as sent when the connection breaks after DATA, and says so", async () => {
    let mails = 0;
    const { server, port } = await serve({
      onData: (stream) => {
        stream.resume();
        stream.on("end", () => {
          mails += 1;
          server.hangUp();
        });
      },
    });
    const { notifier, notification, errors } = make({ mailer: smtp(port) });
    const told = notification();
    await notifier.notify(news([ana]));
    const { recipients } = await told;
    assert.equal(recipients[0]?.accepted, false);
    assert.match(recipients[0]?.error ?? "", /may have arrived and is not sent again/);
    assert.equal(errors.length, 1);
    clock.advance(2 * DAY_MS);
    await notifier.stop();
    assert.equal(mails, 1);
    assert.deepEqual(queue.results.at(-1), { state: "sent" });
  });

  it("does not send again what was being handed over when the process ended", async () => {
    const arrived = new EventEmitter();
    let mails = 0;
    const { server, port } = await serve({
      onData: (stream) => {
        stream.resume();
        stream.on("end", () => {
          mails += 1;
          arrived.emit("mail");
        });
      },
    });
    const ended = make({ mailer: smtp(port) });
    const handedOver = once(arrived, "mail");
    await ended.notifier.notify(news([ana]));
    await handedOver;
    const after = make({ mailer: smtp(port) });
    await after.notifier.start();
    assert.match(after.errors[0]?.message ?? "", /it may have arrived/);
    assert.deepEqual(await queue.queuedNotices("notify-1"), []);
    clock.advance(2 * DAY_MS);
    await after.notifier.stop();
    assert.equal(mails, 1);
    assert.equal(after.notifications.length, 0);
    server.hangUp();
  });

  it("makes one mail for each owner when two nodes decide at once, every time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "notifier-"));
    closers.unshift(() => rm(folder, { recursive: true }));
    const mailer = new FolderMailer(folder, { name: "", address: "webhooks@example.org" });
    const nodes = ["notify-1", "notify-2"].map((node) => make({ mailer, node }));
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      const transition = sampleTransition({ episode: `ep_${round}`, sequence: round });
      await Promise.all(nodes.map(({ notifier }) => notifier.notify(news([ana, bo], transition))));
      await drained("notify-1", "notify-2");
    }
    for (const { notifier } of nodes) await notifier.stop();
    assert.equal((await readdir(folder)).length, 2 * rounds);
    assert.equal(queue.results.filter(({ state }) => state === "sent").length, 2 * rounds);
    const told = nodes.flatMap(({ notifications }) => notifications.flatMap(({ episode }) => episode));
    assert.equal(told.length, rounds);
    assert.equal(new Set(told).size, rounds);
  });

  it("makes one mail for each owner of what comes within the delay, not one for each integration", async () => {
    const { server, port } = await serve();
    const { notifier, notifications } = make({ mailer: smtp(port), digestDelayMs: MINUTE_MS });
    for (let index = 0; index < 30; index++) {
      const owners = index < 3 ? [ana, bo] : [ana];
      await notifier.notify(
        news(owners, sampleTransition(), sampleFacts({ id: `int-${index}`, name: `Bot ${index}` })),
      );
      clock.advance(1_000);
    }
    assert.equal(server.received.length, 0);
    clock.advance(MINUTE_MS);
    await drained("notify-1");
    await notifier.stop();
    assert.deepEqual(recipientsOf(server), [ana, bo]);
    const items = notifications.map(({ items, recipients }) => [recipients[0]?.address, items.length]);
    assert.deepEqual(items.sort(), [
      [ana, 30],
      [bo, 3],
    ]);
    const toBo = server.received.find(({ to }) => to[0] === bo);
    assert.match(toBo?.mail.subject ?? "", /3 integrations are failing/);
    assert.ok(!toBo?.mail.text?.includes("Bot 3"));
  });

  it("gives each kind of change a mail of its own", async () => {
    const { server, port } = await serve();
    const { notifier, notifications } = make({ mailer: smtp(port), digestDelayMs: MINUTE_MS });
    await notifier.notify(news([ana]));
    await notifier.notify(news([ana], sampleTransition({ from: "at-risk", to: "disabled", sequence: 2 })));
    clock.advance(MINUTE_MS);
    await drained("notify-1");
    await notifier.stop();
    assert.deepEqual(notifications.map(({ kind }) => kind).sort(), ["at-risk", "disabled"]);
    assert.equal(server.received.length, 2);
  });

  it("tells an episode's change once, however often it is decided", async () => {
    const { server, port } = await serve();
    const { notifier, notification, notifications } = make({ mailer: smtp(port) });
    const told = notification();
    await notifier.notify(news([ana]));
    await told;
    const secondOwner = notification();
    await notifier.notify(news([ana], sampleTransition({ sequence: 3 })));
    await notifier.notify(news([ana, bo], sampleTransition({ sequence: 5 })));
    assert.deepEqual(
      (await secondOwner).recipients.map(({ address }) => address),
      [bo],
    );
    assert.deepEqual(recipientsOf(server), [ana, bo]);
    assert.equal(notifications.length, 2);
  });

  it("tells nobody of dry runs, suspended disabling and kinds not chosen, claims nothing and marks them as seen", async () => {
    const { notifier, notification, notifications } = make({ kinds: ["disabled"] });
    const disabled = (changes: object) => sampleTransition({ from: "at-risk", to: "disabled", ...changes });
    await notifier.notify(news([ana], disabled({ dryRun: true, sequence: 1 })));
    await notifier.notify(news([ana], disabled({ suspended: true, sequence: 2 })));
    await notifier.notify(news([ana], sampleTransition({ sequence: 3 })));
    assert.deepEqual(await queue.queuedNotices("notify-1"), []);
    const told = notification();
    await notifier.notify(news([ana], disabled({ sequence: 4 })));
    await told;
    assert.equal(notifications.length, 1);
    assert.deepEqual(queue.notified, ["int-1/1", "int-1/2", "int-1/3", "int-1/4"]);
  });

  it("gives out the notification where no owner is known", async () => {
    const { server, port } = await serve();
    const { notifier, notification } = make({ mailer: smtp(port) });
    const told = notification();
    await notifier.notify(news([]));
    assert.deepEqual((await told).recipients, []);
    assert.equal(server.received.length, 0);
  });

  it("names the owners where no mailer is chosen", async () => {
    const { notifier, notification, errors } = make({ mailer: null });
    const told = notification();
    await notifier.notify(news([ana]));
    assert.deepEqual((await told).recipients, [{ address: ana, accepted: false, error: null }]);
    assert.deepEqual(errors, []);
  });

  it("lets no name break the headers of a mail", async () => {
    const { server, port } = await serve();
    const { notifier, notification } = make({ mailer: smtp(port) });
    const name = "Bot\r\nBcc: everyone@example.com\r\n\r\n<script>alert(1)</script>";
    const told = notification();
    await notifier.notify(news([ana], sampleTransition(), sampleFacts({ name, organization: name, url: name })));
    await told;
    const [received] = server.received;
    assert.deepEqual(received?.to, [ana]);
    assert.equal(received?.mail.bcc, undefined);
    assert.deepEqual(received?.mail.headerLines.map(({ key }) => key).sort(), [
      "auto-submitted",
      "content-type",
      "date",
      "from",
      "message-id",
      "mime-version",
      "subject",
      "to",
      "x-auto-response-suppress",
    ]);
    assert.ok(typeof received?.mail.html === "string" && !received.mail.html.includes("<script"));
  });

  it("carries names of any script and length", async () => {
    const { server, port } = await serve();
    const { notifier, notification } = make({ mailer: smtp(port) });
    const told = notification();
    const name = "Bauhütte 家族 שלום 🦊 ".repeat(50);
    await notifier.notify(news(["josé@example.com"], sampleTransition(), sampleFacts({ name })));
    const { subject } = await told;
    assert.match(subject, /Bauhütte 家族 שלום 🦊/);
    assert.equal(server.received[0]?.mail.subject, subject);
  });

  it("breaks off a mail that takes too long when it is stopped, and keeps it for the next start", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    closers.push(() => new Promise((resolve) => silent.close(() => resolve())));
    const { notifier } = make({ mailer: smtp((silent.address() as AddressInfo).port) });
    const connected = once(silent, "connection");
    await notifier.notify(news([ana]));
    await connected;
    const stopped = notifier.stop();
    clock.advance(5_000);
    await stopped;
    assert.equal(clock.timers, 0);
    assert.equal((await queue.queuedNotices("notify-1")).length, 1);
    await assert.rejects(notifier.notify(news([bo])), /stopped/);
  });

  it("rejects what cannot be queued, so that it can be given again", async () => {
    const { notifier, notification } = make({});
    const queueNotices = queue.queueNotices.bind(queue);
    queue.queueNotices = () => Promise.reject(new Error("disk full"));
    await assert.rejects(notifier.notify(news([ana])), /disk full/);
    queue.queueNotices = queueNotices;
    const told = notification();
    await notifier.notify(news([ana]));
    assert.equal((await told).recipients.length, 1);
  });

  it("does not send a mail when it cannot be written down that it is handed over", async () => {
    const { server, port } = await serve();
    const { notifier, notification, errors } = make({ mailer: smtp(port) });
    queue.settleNotices = () => Promise.reject(new Error("disk full"));
    const told = notification();
    await notifier.notify(news([ana]));
    const { recipients } = await told;
    assert.match(recipients[0]?.error ?? "", /disk full.*tried again/);
    assert.equal(server.received.length, 0);
    assert.deepEqual(
      errors.map(({ message }) => message),
      ["disk full"],
    );
  });
});
