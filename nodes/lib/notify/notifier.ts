import { AtMost } from "../delivery/at-most";
import { changeOf } from "../health/health-message";
import type { HealthStatus, Transition } from "../health/integration-ledger";
import type { Clock, Random } from "../time/clock";
import { type ComposedMail, composeMail } from "./compose-mail";
import { distinctAddresses } from "./mail-address";
import { claimKey, dueBatches, type MailBatch, sameNews } from "./mail-batch";
import { BEING_HANDED_OVER, type IntegrationFacts, type MailQueue, type Notice } from "./mail-queue";
import { type MailTemplates, parseMailTemplates } from "./mail-templates";
import { giveUp, notTold, settle, tryMail } from "./mail-try";
import type { Notification, RecipientResult } from "./notification";
import type { OwnerMailer } from "./owner-mailer";

export interface NotifierOptions {
  queue: MailQueue;
  /** Null: owners get no mail, only the notification is given out. */
  mailer: OwnerMailer | null;
  /** Id of the `notify-owners` node: it finds its queued notices again after a restart. */
  node: string;
  clock: Clock;
  random: Random;
  /** Kinds of change that are told; the others are dropped. */
  kinds: readonly HealthStatus[];
  /** Told in addition to the owners of each integration. */
  recipients: readonly string[];
  /** Empty: mails hold no links. */
  baseUrl: string;
  templates: MailTemplates;
  /** How long a change waits for others to share a mail with; 0, the default, sends at once. */
  digestDelayMs?: number;
  onNotification: (notification: Notification) => void;
  /** Called with an {@link OwnerNotToldError} for each mail that is given up or may be lost, and when the queue fails. */
  onError: (error: Error) => void;
}

export interface OwnerNews {
  integration: IntegrationFacts;
  owners: readonly string[];
  transition: Transition;
}

const MAILS_AT_ONCE = 4;
const STOP_GRACE_MS = 5_000;

/**
 * Tells owners of changes: at most one mail for each owner, kind, integration and episode, across nodes, processes and
 * restarts. No owner sees another.
 *
 * - A mail that meets a transient failure is tried again for a day, from the queue, and then given up.
 * - A notification is given out for each change or digest when every recipient was tried once. Later tries give out
 *   nothing; if they fail in the end, `onError` says so.
 * - Dry runs, and disabling that was suspended because of our own outage, changed nothing for the owners: they claim
 *   nothing, mail nothing and give out nothing.
 * - What comes within the digest delay, or while mails are underway, shares a mail. A mail holds changes of one kind.
 *   Owners with the same news share a notification.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #templates: MailTemplates;
  readonly #digestDelayMs: number;
  /** Notices that wait for their time, by claim. */
  readonly #waiting = new Map<string, Notice>();
  /** Claims of the mails that are being sent. */
  readonly #underway = new Set<string>();
  readonly #breakOff = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #sending: Promise<void> | null = null;
  #stopped = false;

  /** @throws InvalidFieldsError if a template is not valid */
  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#templates = parseMailTemplates(options.templates, "templates");
    this.#digestDelayMs = options.digestDelayMs ?? 0;
  }

  /** Takes up what was queued before a restart. Rejects if the queue cannot be read. */
  async start(): Promise<void> {
    const { queue, node, onError } = this.#options;
    const cutOff: Notice[] = [];
    for (const notice of await queue.queuedNotices(node)) {
      if (this.#underway.has(claimKey(notice.claim))) continue;
      if (notice.dueAt === BEING_HANDED_OVER) cutOff.push(notice);
      else this.#wait(notice);
    }
    this.#sendWhatIsDue();
    for (const batch of dueBatches(cutOff, BEING_HANDED_OVER)) {
      await settle(queue, batch, { state: "sent" }, onError);
      onError(notTold(batch, "the process ended while the mail was handed over, it may have arrived"));
    }
  }

  /**
   * Resolves when the change is queued, or dropped because it is not to be told; sending goes on behind it. Rejects if it
   * could not be queued: then it is not claimed and can be given again.
   */
  async notify({ integration, owners, transition }: OwnerNews): Promise<void> {
    if (this.#stopped) throw new Error("the notifier is stopped");
    const { queue, node, clock, kinds, recipients } = this.#options;
    const told = kinds.includes(transition.to) && !transition.dryRun && !transition.suspended;
    const addresses = distinctAddresses([...owners, ...recipients]);
    const queuedAt = clock.now();
    const notices = (addresses.length > 0 ? addresses : [""]).map(
      (owner): Notice => ({
        claim: { integration: integration.id, episode: transition.episode, kind: transition.to, owner },
        node,
        integration,
        transition,
        queuedAt,
        dueAt: queuedAt + this.#digestDelayMs,
        tries: 0,
      }),
    );
    // What is not told is queued as nothing: that marks it as seen, so that it is not emitted again at each start.
    const reference = { integration: integration.id, sequence: transition.sequence };
    for (const notice of await queue.queueNotices(told ? notices : [], reference)) this.#wait(notice);
    this.#sendWhatIsDue();
  }

  /**
   * Resolves when no mail is underway and no timer is left. After 5 s, mails underway are broken off; what was not handed
   * over stays queued.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    const cancelGrace = this.#options.clock.schedule(STOP_GRACE_MS, () => this.#breakOff.abort());
    await this.#sending;
    cancelGrace();
  }

  #wait(notice: Notice): void {
    this.#waiting.set(claimKey(notice.claim), notice);
  }

  #sendWhatIsDue(): void {
    if (this.#sending !== null || this.#stopped) return;
    this.#cancelTimer();
    const batches = dueBatches(this.#waiting.values(), this.#options.clock.now());
    if (batches.length > 0) {
      this.#sending = this.#send(batches).finally(() => {
        this.#sending = null;
        this.#sendWhatIsDue();
      });
    } else if (this.#waiting.size > 0) {
      const dueAt = [...this.#waiting.values()].reduce((first, notice) => Math.min(first, notice.dueAt), Infinity);
      this.#cancelTimer = this.#options.clock.schedule(dueAt - this.#options.clock.now(), () => this.#sendWhatIsDue());
    }
  }

  /** Tries each mail once. Never rejects. */
  async #send(batches: readonly MailBatch[]): Promise<void> {
    const notices = batches.flatMap((batch) => batch.notices);
    const claims = notices.map(({ claim }) => claimKey(claim));
    for (const claim of claims) {
      this.#underway.add(claim);
      this.#waiting.delete(claim);
    }
    const inTurn = new AtMost(MAILS_AT_ONCE);
    await Promise.all(sameNews(batches).map((group) => this.#tell(group, inTurn)));
    for (const claim of claims) this.#underway.delete(claim);
  }

  /** Sends the same news to each owner, then gives out the notification. */
  async #tell(group: readonly [MailBatch, ...MailBatch[]], inTurn: AtMost): Promise<void> {
    const [first] = group;
    const { baseUrl, clock, onNotification, onError } = this.#options;
    try {
      const mail = composeMail({ notices: first.notices, baseUrl, templates: this.#templates, nowMs: clock.now() });
      const results = await Promise.all(group.map((batch) => inTurn.run(() => this.#tellOwner(batch, mail))));
      const tried = results.filter((result) => result !== "not tried");
      if (!first.firstTry || tried.length === 0) return;
      onNotification({
        kind: first.kind,
        episode: first.notices[0].claim.episode,
        items: first.notices.map(({ integration, transition }) => ({ integration, change: changeOf(transition) })),
        ...mail,
        recipients: tried.filter((result) => result !== "nobody"),
      });
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #tellOwner(batch: MailBatch, mail: ComposedMail): Promise<RecipientResult | "nobody" | "not tried"> {
    // What is left when the notifier stops stays queued for the next start.
    if (this.#stopped) return "not tried";
    const { queue, mailer, clock, random, onError } = this.#options;
    if (batch.owner === "" || (mailer === null && batch.firstTry)) {
      await settle(queue, batch, { state: "sent" }, onError);
      return batch.owner === "" ? "nobody" : { address: batch.owner, accepted: false, error: null };
    }
    if (mailer === null) return giveUp(batch, "no mailer is chosen any more", { queue, onError });
    const { recipient, again } = await tryMail(batch, mail, {
      queue,
      mailer,
      clock,
      random,
      digestDelayMs: this.#digestDelayMs,
      signal: this.#breakOff.signal,
      onError,
    });
    for (const notice of again) this.#wait(notice);
    return recipient;
  }
}
