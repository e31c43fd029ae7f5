import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../nodes/lib/time/utc-day";
import { recipientsOf } from "./mail-server";
import { ana, bo, news, useNotifier } from "./notifier-under-test";
import { MONDAY } from "./sample-notice";

describe("Notifier, over outages and restarts", () => {
  const sut = useNotifier();

  it("tries again when the server is back, mails nobody twice and forgets nobody", async () => {
    const busy = new Set([bo]);
    const { server, port } = await sut.serve({
      onRcptTo: ({ address }, _session, callback) =>
        callback(busy.has(address) ? Object.assign(new Error("try later"), { responseCode: 451 }) : null),
    });
    const { notifier, notification, notifications, errors } = sut.make({ mailer: sut.smtp(port) });
    const told = notification();
    await notifier.notify(news([ana, bo]));
    const { recipients } = await told;
    assert.match(recipients[1]?.error ?? "", /try later.*will be tried again/);
    const again = sut.queue.settled();
    sut.clock.advance(MINUTE_MS);
    assert.equal((await again).state, "retry");
    busy.clear();
    const settled = sut.queue.settled();
    sut.clock.advance(2 * MINUTE_MS);
    assert.deepEqual(await settled, { state: "sent" });
    assert.deepEqual(recipientsOf(server), [ana, bo]);
    assert.equal(notifications.length, 1);
    assert.deepEqual(errors, []);
  });

  it("waits from a minute to an hour between tries and gives up after a day", async () => {
    const { server, port } = await sut.serve();
    await server.close();
    sut.closers.length = 0;
    const { notifier, notification, errors } = sut.make({ mailer: sut.smtp(port) });
    const told = notification();
    await notifier.notify(news([ana]));
    await told;
    const waits: number[] = [];
    for (
      let [waiting] = await sut.queue.queuedNotices("notify-1");
      waiting;
      [waiting] = await sut.queue.queuedNotices("notify-1")
    ) {
      waits.push(waiting.dueAt - sut.clock.now());
      const settled = sut.queue.settled();
      sut.clock.advance(waiting.dueAt - sut.clock.now());
      await settled;
    }
    assert.deepEqual(
      waits.slice(0, 8),
      [1, 2, 4, 8, 16, 32, 60, 60].map((minutes) => minutes * MINUTE_MS),
    );
    assert.equal(sut.clock.now(), MONDAY + DAY_MS);
    await notifier.stop();
    assert.deepEqual(sut.queue.results.at(-1)?.state, "failed");
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? "", /ana@example\.com.*ECONNREFUSED/);
  });

  it("sends after a restart what was queued before it", async () => {
    const { server, port } = await sut.serve();
    const before = sut.make({ mailer: sut.smtp(port), digestDelayMs: MINUTE_MS });
    await before.notifier.notify(news([ana, bo]));
    await before.notifier.stop();
    assert.equal(server.received.length, 0);
    sut.clock.advance(HOUR_MS);
    const after = sut.make({ mailer: sut.smtp(port), digestDelayMs: MINUTE_MS });
    const told = after.notification();
    await after.notifier.start();
    assert.equal((await told).recipients.length, 2);
    assert.deepEqual(recipientsOf(server), [ana, bo]);
    assert.equal(before.notifications.length, 0);
  });

  it("keeps the time of the next try across a restart", async () => {
    let refuse = true;
    const { server, port } = await sut.serve({
      onRcptTo: (_address, _session, callback) =>
        callback(refuse ? Object.assign(new Error("later"), { responseCode: 451 }) : null),
    });
    const before = sut.make({ mailer: sut.smtp(port) });
    const told = before.notification();
    await before.notifier.notify(news([ana]));
    await told;
    await before.notifier.stop();
    refuse = false;
    const after = sut.make({ mailer: sut.smtp(port) });
    await after.notifier.start();
    sut.clock.advance(MINUTE_MS - 1);
    assert.equal(server.received.length, 0);
    const settled = sut.queue.settled();
    sut.clock.advance(1);
    assert.deepEqual(await settled, { state: "sent" });
    assert.deepEqual(recipientsOf(server), [ana]);
    assert.equal(after.notifications.length, 0);
  });

  it("counts a mail as sent when the connection breaks after DATA, and says so", async () => {
    let mails = 0;
    const { server, port } = await sut.serve({
      onData: (stream) => {
        stream.resume();
        stream.on("end", () => {
          mails += 1;
          server.hangUp();
        });
      },
    });
    const { notifier, notification, errors } = sut.make({ mailer: sut.smtp(port) });
    const told = notification();
    await notifier.notify(news([ana]));
    const { recipients } = await told;
    assert.equal(recipients[0]?.accepted, false);
    assert.match(recipients[0]?.error ?? "", /may have arrived and is not sent again/);
    assert.equal(errors.length, 1);
    sut.clock.advance(2 * DAY_MS);
    await notifier.stop();
    assert.equal(mails, 1);
    assert.deepEqual(sut.queue.results.at(-1), { state: "sent" });
  });

  it("does not send again what was being handed over when the process ended", async () => {
    const arrived = new EventEmitter();
    let mails = 0;
    const { server, port } = await sut.serve({
      onData: (stream) => {
        stream.resume();
        stream.on("end", () => {
          mails += 1;
          arrived.emit("mail");
        });
      },
    });
    const ended = sut.make({ mailer: sut.smtp(port) });
    const handedOver = once(arrived, "mail");
    await ended.notifier.notify(news([ana]));
    await handedOver;
    const after = sut.make({ mailer: sut.smtp(port) });
    await after.notifier.start();
    assert.match(after.errors[0]?.message ?? "", /it may have arrived/);
    assert.deepEqual(await sut.queue.queuedNotices("notify-1"), []);
    sut.clock.advance(2 * DAY_MS);
    await after.notifier.stop();
    assert.equal(mails, 1);
    assert.equal(after.notifications.length, 0);
    server.hangUp();
  });

  it("breaks off a mail that takes too long when it is stopped, and keeps it for the next start", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    sut.closers.push(() => new Promise((resolve) => silent.close(() => resolve())));
    const { notifier } = sut.make({ mailer: sut.smtp((silent.address() as AddressInfo).port) });
    const connected = once(silent, "connection");
    await notifier.notify(news([ana]));
    await connected;
    const stopped = notifier.stop();
    sut.clock.advance(5_000);
    await stopped;
    assert.equal(sut.clock.timers, 0);
    assert.equal((await sut.queue.queuedNotices("notify-1")).length, 1);
    await assert.rejects(notifier.notify(news([bo])), /stopped/);
  });

  it("does not send a mail when it cannot be written down that it is handed over", async () => {
    const { server, port } = await sut.serve();
    const { notifier, notification, errors } = sut.make({ mailer: sut.smtp(port) });
    sut.queue.settleNotices = () => Promise.reject(new Error("disk full"));
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
