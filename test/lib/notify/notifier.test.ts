import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderMailer } from "../../../nodes/lib/notify/folder-mailer";
import { OwnerNotToldError } from "../../../nodes/lib/notify/notification";
import { MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { recipientsOf } from "./mail-server";
import { ana, bo, cleo, news, useNotifier } from "./notifier-under-test";
import { sampleFacts, sampleTransition } from "./sample-notice";

describe("Notifier", () => {
  const sut = useNotifier();

  it("sends each owner a mail of their own and tells what became of each", async () => {
    const { server, port } = await sut.serve();
    const { notifier, notification, errors } = sut.make({
      mailer: sut.smtp(port),
      recipients: [cleo, "ANA@example.com"],
    });
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
    const { server, port } = await sut.serve({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address === bo ? Object.assign(new Error("no such user"), { responseCode: 550 }) : null),
    });
    const { notifier, notification, errors } = sut.make({ mailer: sut.smtp(port) });
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
    assert.deepEqual(await sut.queue.queuedNotices("notify-1"), []);
  });

  it("makes one mail for each owner when two nodes decide at once, every time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "notifier-"));
    sut.closers.unshift(() => rm(folder, { recursive: true }));
    const mailer = new FolderMailer(folder, { name: "", address: "webhooks@example.org" });
    const nodes = ["notify-1", "notify-2"].map((node) => sut.make({ mailer, node }));
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      const transition = sampleTransition({ episode: `ep_${round}`, sequence: round });
      await Promise.all(nodes.map(({ notifier }) => notifier.notify(news([ana, bo], transition))));
      await sut.drained("notify-1", "notify-2");
    }
    for (const { notifier } of nodes) await notifier.stop();
    assert.equal((await readdir(folder)).length, 2 * rounds);
    assert.equal(sut.queue.results.filter(({ state }) => state === "sent").length, 2 * rounds);
    const told = nodes.flatMap(({ notifications }) => notifications.flatMap(({ episode }) => episode));
    assert.equal(told.length, rounds);
    assert.equal(new Set(told).size, rounds);
  });

  it("makes one mail for each owner of what comes within the delay, not one for each integration", async () => {
    const { server, port } = await sut.serve();
    const { notifier, notifications } = sut.make({ mailer: sut.smtp(port), digestDelayMs: MINUTE_MS });
    for (let index = 0; index < 30; index++) {
      const owners = index < 3 ? [ana, bo] : [ana];
      await notifier.notify(
        news(owners, sampleTransition(), sampleFacts({ id: `int-${index}`, name: `Bot ${index}` })),
      );
      sut.clock.advance(1_000);
    }
    assert.equal(server.received.length, 0);
    sut.clock.advance(MINUTE_MS);
    await sut.drained("notify-1");
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
    const { server, port } = await sut.serve();
    const { notifier, notifications } = sut.make({ mailer: sut.smtp(port), digestDelayMs: MINUTE_MS });
    await notifier.notify(news([ana]));
    await notifier.notify(news([ana], sampleTransition({ from: "at-risk", to: "disabled", sequence: 2 })));
    sut.clock.advance(MINUTE_MS);
    await sut.drained("notify-1");
    await notifier.stop();
    assert.deepEqual(notifications.map(({ kind }) => kind).sort(), ["at-risk", "disabled"]);
    assert.equal(server.received.length, 2);
  });

  it("tells an episode's change once, however often it is decided", async () => {
    const { server, port } = await sut.serve();
    const { notifier, notification, notifications } = sut.make({ mailer: sut.smtp(port) });
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
    const { notifier, notification, notifications } = sut.make({ kinds: ["disabled"] });
    const disabled = (changes: object) => sampleTransition({ from: "at-risk", to: "disabled", ...changes });
    await notifier.notify(news([ana], disabled({ dryRun: true, sequence: 1 })));
    await notifier.notify(news([ana], disabled({ suspended: true, sequence: 2 })));
    await notifier.notify(news([ana], sampleTransition({ sequence: 3 })));
    assert.deepEqual(await sut.queue.queuedNotices("notify-1"), []);
    const told = notification();
    await notifier.notify(news([ana], disabled({ sequence: 4 })));
    await told;
    assert.equal(notifications.length, 1);
    assert.deepEqual(sut.queue.notified, ["int-1/1", "int-1/2", "int-1/3", "int-1/4"]);
  });

  it("gives out the notification where no owner is known", async () => {
    const { server, port } = await sut.serve();
    const { notifier, notification } = sut.make({ mailer: sut.smtp(port) });
    const told = notification();
    await notifier.notify(news([]));
    assert.deepEqual((await told).recipients, []);
    assert.equal(server.received.length, 0);
  });

  it("names the owners where no mailer is chosen", async () => {
    const { notifier, notification, errors } = sut.make({ mailer: null });
    const told = notification();
    await notifier.notify(news([ana]));
    assert.deepEqual((await told).recipients, [{ address: ana, accepted: false, error: null }]);
    assert.deepEqual(errors, []);
  });

  it("lets no name break the headers of a mail", async () => {
    const { server, port } = await sut.serve();
    const { notifier, notification } = sut.make({ mailer: sut.smtp(port) });
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
    const { server, port } = await sut.serve();
    const { notifier, notification } = sut.make({ mailer: sut.smtp(port) });
    const told = notification();
    const name = "Bauhütte 家族 שלום 🦊 ".repeat(50);
    await notifier.notify(news(["josé@example.com"], sampleTransition(), sampleFacts({ name })));
    const { subject } = await told;
    assert.match(subject, /Bauhütte 家族 שלום 🦊/);
    assert.equal(server.received[0]?.mail.subject, subject);
  });

  it("rejects what cannot be queued, so that it can be given again", async () => {
    const { notifier, notification } = sut.make({});
    const queueNotices = sut.queue.queueNotices.bind(sut.queue);
    sut.queue.queueNotices = () => Promise.reject(new Error("disk full"));
    await assert.rejects(notifier.notify(news([ana])), /disk full/);
    sut.queue.queueNotices = queueNotices;
    const told = notification();
    await notifier.notify(news([ana]));
    assert.equal((await told).recipients.length, 1);
  });
});
