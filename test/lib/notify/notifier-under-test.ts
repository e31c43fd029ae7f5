import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { SMTPServerOptions } from "smtp-server";
import { MAIL_KINDS } from "../../../nodes/lib/notify/mail-templates";
import type { Notification } from "../../../nodes/lib/notify/notification";
import { Notifier, type NotifierOptions } from "../../../nodes/lib/notify/notifier";
import { SmtpMailer } from "../../../nodes/lib/notify/smtp-mailer";
import { FakeClock } from "../../fixtures/fake-clock";
import { MemoryMailQueue } from "../../fixtures/memory-mail-queue";
import { MailServer } from "./mail-server";
import { MONDAY, sampleFacts, sampleTransition } from "./sample-notice";

export const ana = "ana@example.com";
export const bo = "bo@example.com";
export const cleo = "cleo@example.com";

/** Notifiers over one queue, with mail servers and a clock that stands still. */
export class NotifierUnderTest {
  queue = new MemoryMailQueue();
  clock = new FakeClock(MONDAY);
  /** Called after the test, the last one first. */
  readonly closers: (() => Promise<void>)[] = [];

  begin(): void {
    this.queue = new MemoryMailQueue();
    this.clock = new FakeClock(MONDAY);
  }

  async end(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
    assert.equal(this.clock.timers, 0, "a timer was left");
  }

  async serve(options: SMTPServerOptions = {}): Promise<{ server: MailServer; port: number }> {
    const server = new MailServer(options);
    const port = await server.listen();
    this.closers.push(() => server.close());
    return { server, port };
  }

  smtp(port: number): SmtpMailer {
    const from = { name: "Comment webhooks", address: "webhooks@example.org" };
    const mailer = new SmtpMailer({ host: "127.0.0.1", port, secure: false, from, user: "", password: "", tls: null });
    this.closers.push(() => mailer.close());
    return mailer;
  }

  make(changes: Partial<NotifierOptions>) {
    const events = new EventEmitter();
    const notifications: Notification[] = [];
    const errors: Error[] = [];
    const notifier = new Notifier({
      queue: this.queue,
      mailer: null,
      node: "notify-1",
      clock: this.clock,
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
    this.closers.push(() => notifier.stop());
    const notification = async (): Promise<Notification> => (await once(events, "notification"))[0];
    return { notifier, notifications, errors, notification };
  }

  /** Resolves when nothing is queued any more for these nodes. */
  async drained(...nodes: string[]): Promise<void> {
    for (;;) {
      const settled = this.queue.settled();
      const queued = await Promise.all(nodes.map((node) => this.queue.queuedNotices(node)));
      if (queued.flat().length === 0) return;
      await settled;
    }
  }
}

/** A new one for each test of the enclosing `describe`. */
export function useNotifier(): NotifierUnderTest {
  const sut = new NotifierUnderTest();
  beforeEach(() => sut.begin());
  afterEach(() => sut.end());
  return sut;
}

/** A change of an integration's status, and who is to be told. */
export const news = (owners: string[], transition = sampleTransition(), integration = sampleFacts()) => ({
  integration,
  owners,
  transition,
});
