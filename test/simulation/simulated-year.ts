import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DeliveryKind } from "../../nodes/lib/delivery/attempt";
import type { DeliveryReport } from "../../nodes/lib/delivery/report";
import type { Transition } from "../../nodes/lib/health/integration-ledger";
import type { LiveIntegration } from "../../nodes/lib/integration/integration-spec";
import { OwnerNotToldError } from "../../nodes/lib/notify/notification";
import type { Random } from "../../nodes/lib/time/clock";
import { FakeClock } from "../fixtures/fake-clock";
import { seededRandom } from "../fixtures/seeded-random";
import { DeliveryBook } from "./delivery-book";
import { EventQueue } from "./event-queue";
import { type Answer, HealthModel, type ModelChange, type ModelSettings } from "./health-model";
import { integrationsNamedIn, madeUpIntegration } from "./made-up-integration";
import { MailBook } from "./mail-book";
import { CHARACTERS, Receiver } from "./receivers";
import { RecordingMailer } from "./recording-mailer";
import { RunningProcess } from "./running-process";
import { type Call, resultOf } from "./scripted-transport";
import { Stillness } from "./stillness";
import { type ExpectedChange, TransitionCheck } from "./transition-check";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** What the last webhooks need to be delivered or given up, once nothing goes wrong any more. */
const DRAIN = 30 * DAY;

export interface YearOptions {
  seed: number;
  integrations: number;
  days: number;
  /** Properties of the health check's node. */
  health: Readonly<Record<string, unknown>>;
  /** The same for the model. */
  model: ModelSettings;
  /** How often the process ends and starts again: in good order, and at once. */
  restarts: number;
  crashes: number;
}

/** A time in which our own network is down. */
interface OwnOutage {
  from: number;
  to: number;
}

/**
 * Lets time pass over a whole pipeline, as fast as it can: comments are made, receivers answer by script, people disable
 * and enable, the process ends and starts again. What the pipeline makes of it is held against the model at once.
 */
export class SimulatedYear {
  /** What differs from the model, or should not be. */
  readonly problems: string[] = [];
  readonly #figures: Record<string, number> = {};
  readonly deliveries = new DeliveryBook();
  readonly mails: MailBook;
  readonly #options: YearOptions;
  readonly #random: Random;
  readonly #clock: FakeClock;
  readonly #end: number;
  readonly #events = new EventQueue();
  readonly #stillness = new Stillness();
  readonly #model: HealthModel;
  readonly #transitions: TransitionCheck;
  readonly #mailer: RecordingMailer;
  readonly #integrations = new Map<string, LiveIntegration>();
  readonly #receivers = new Map<string, Receiver>();
  readonly #ownOutages: OwnOutage[] = [];
  /** Kind of what is in flight, by integration and id. */
  readonly #kinds = new Map<string, DeliveryKind>();
  /** Integrations that the store knows to be disabled. */
  readonly #disabled = new Set<string>();
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), "cw-year-"));
  #running: RunningProcess | null = null;
  #lives = 0;
  #toCrash: "after the change" | null = null;
  #crashNow = false;
  #comments = 0;
  #mailDownSince = 0;
  #isDraining = false;

  constructor(options: YearOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#clock = new FakeClock(Date.parse("2026-01-01T00:00:00.000Z"));
    this.#end = this.#clock.now() + options.days * DAY;
    this.#model = new HealthModel(options.model);
    this.#transitions = new TransitionCheck(options.model.dryRun === true, (...what) => this.#differ(...what));
    this.#mailer = new RecordingMailer(this.#random, () => {
      this.#crashNow = true;
    });
    this.mails = new MailBook((integration) => this.#integrations.get(integration)?.spec.owners ?? []);
    for (let i = 0; i < options.integrations; i++) this.#addIntegration(i);
    this.#planOwnOutages();
    this.#planRestarts();
    this.#planMailOutages();
  }

  /** How often what happened. */
  figures(): Record<string, number> {
    const { accepted, delivered, givenUp, takenTwice } = this.deliveries;
    const { sent, repeated, givenUp: notTold } = this.mails;
    return {
      ...{ "disabled by an outage of ours": 0, "disabled without warning": 0 },
      ...this.#figures,
      "told that disabling is held back": this.#transitions.suspended,
      ...{ "webhooks accepted": accepted, "webhooks delivered": delivered, "delivered twice": takenTwice },
      ...Object.fromEntries([...givenUp].map(([how, count]) => [`webhooks given up: ${how}`, count])),
      ...{ "mails sent": sent, "mails repeated": repeated, "mails given up, said so": notTold },
    };
  }

  /** How often something happened. */
  figure(what: string): number {
    return this.figures()[what] ?? 0;
  }

  async run(): Promise<void> {
    try {
      await this.#start();
      await this.#passUntil(this.#end);
      if (this.problems.length > 0) return;
      await this.#checkAll();
      this.#isDraining = true;
      for (const receiver of this.#receivers.values()) receiver.mendForGood();
      for (const id of this.#integrations.keys()) await this.#command(id, "enable");
      await this.#passUntil(this.#end + DRAIN);
      await this.#checkAll();
      await this.#process.close();
    } finally {
      fs.rmSync(this.#folder, { recursive: true, force: true });
    }
    this.problems.push(...this.deliveries.problems(), ...this.mails.problems());
  }

  get #process(): RunningProcess {
    if (this.#running === null) throw new Error("no process is running");
    return this.#running;
  }

  async #passUntil(end: number): Promise<void> {
    for (;;) {
      if (this.problems.length > 0) return;
      const planned = this.#events.nextAt ?? Number.POSITIVE_INFINITY;
      const timed = this.#clock.nextAt ?? Number.POSITIVE_INFINITY;
      const at = Math.min(planned, timed);
      if (at > end) break;
      this.#clock.advance(Math.max(0, at - this.#clock.now()));
      // Timers first, and one thing at a time.
      if (planned < timed) await this.#events.next()?.happen();
      await this.#stillness.still();
      this.#check([]);
      if (this.#crashNow) await this.#restart("crash");
    }
    this.#clock.advance(Math.max(0, end - this.#clock.now()));
  }

  // Comments, and what becomes of them

  #addIntegration(index: number): void {
    const integration = madeUpIntegration(index, this.#random);
    const { id } = integration.spec;
    this.#integrations.set(id, integration);
    const character = CHARACTERS[index % CHARACTERS.length] ?? "healthy";
    const now = this.#clock.now();
    const receiver = new Receiver(character, now, this.#end, this.#random);
    this.#receivers.set(id, receiver);
    this.#planComment(id, receiver.nextComment(now));
    this.#planMeddling(id);
  }

  #planComment(integration: string, at: number): void {
    if (at >= this.#end) return;
    this.#events.plan(at, async () => {
      const id = `msg_${++this.#comments}`;
      this.deliveries.accept(`${integration} ${id}`);
      const origin = { node: this.#process.flow.sender, msgid: id };
      const orderKey = String(Math.floor(this.#random() * 5));
      const webhook = { id, event: "comment.created", integration, orderKey, body: {} } as const;
      const answer = await this.#process.engine.accept(webhook, `{"type":"comment.created","id":"${id}"}`, origin);
      if (answer !== "accepted") this.problems.push(`${id} was not accepted, but ${answer}`);
      this.#planComment(integration, this.#receiver(integration).nextComment(this.#clock.now()));
    });
  }

  #called({ integration, id, answer }: Call): void {
    const { answers, life, theirs } = this.#answerOf(integration);
    const kind = this.#kinds.get(`${integration} ${id}`);
    const isDisabled = this.#model.status(integration) === "disabled";
    // The answer that leads to disabling also lets the next delivery go: it may leave before the change is written.
    const isLeaving = isDisabled && !this.#disabled.has(integration);
    if (kind !== "test" && isDisabled && !isLeaving) this.#differ(integration, `got ${id} while it was disabled`);
    const generation = this.#model.generation(integration) - (isLeaving ? 1 : 0);
    this.#count("attempts");
    const from = this.#clock.now();
    const slowness = answers === "none" ? 15 * SECOND : 20 + 2_000 * this.#random();
    this.#events.plan(from + Math.round(slowness), async () => {
      if (life !== this.#lives) return;
      const at = this.#clock.now();
      const result = resultOf(answers, at, this.#random);
      this.#model.called({ integration, from, at, answered: result.statusCode > 0 });
      let change: ModelChange | null = null;
      if (kind === "event" && answers !== "local") {
        change = this.#model.answered(integration, { from, at, answer: answers, theirs }, generation);
        if (this.#model.heldBack) this.#count("disablings held back");
      }
      if (kind === "event" && result.outcome === "success") this.deliveries.take(`${integration} ${id}`);
      answer(result);
      await this.#stillness.still();
      this.#check(change === null ? [] : [{ integration, change }]);
    });
  }

  #answerOf(integration: string): { answers: Answer | "local"; theirs: Answer; life: number } {
    const now = this.#clock.now();
    const theirs = this.#receiver(integration).answer(now);
    const answers = !this.#isOurOutage(now) || this.#isDraining ? theirs : this.#random() < 0.9 ? "none" : "local";
    return { answers, theirs, life: this.#lives };
  }

  #reported({ result, delivery, gaveUp }: DeliveryReport): void {
    if (delivery.kind === "event" && result !== "retrying") {
      this.deliveries.settle(`${delivery.integration} ${delivery.id}`, gaveUp);
    }
  }

  // People

  /** Now and then someone disables, for a while or by mistake. */
  #planMeddling(integration: string): void {
    for (let at = this.#clock.now(); ; ) {
      at += this.#random() * 300 * DAY;
      if (at >= this.#end) return;
      this.#events.plan(Math.round(at), () => this.#command(integration, "disable"));
    }
  }

  async #command(integration: string, command: "enable" | "disable"): Promise<void> {
    const change = this.#model[command](integration, this.#clock.now());
    await this.#process.flow.command(integration, command, "Ada");
    await this.#stillness.still();
    this.#check(change === null ? [] : [{ integration, change }]);
  }

  /** Someone enables again, soon or after some days, and mostly after it was put right. */
  #planEnabling(integration: string): void {
    const isSoon = this.#random() < 0.15;
    const wait = isSoon ? this.#random() * 20 * SECOND : this.#random() * 10 * DAY;
    this.#events.plan(Math.round(this.#clock.now() + wait), async () => {
      if (this.#isDraining) return;
      const origin = { node: "a test", msgid: "test" };
      if (this.#random() < 0.5) await this.#process.engine.test(integration, origin);
      if (this.#random() < 0.7) this.#receiver(integration).mend(this.#clock.now());
      await this.#command(integration, "enable");
      if (this.#random() < 0.2) {
        this.#count("replayed", await this.#process.engine.redeliver(integration, {}));
      }
    });
  }

  // The world around

  #planOwnOutages(): void {
    const lengths = [20 * MINUTE, 3 * HOUR, 12 * HOUR, 40 * HOUR, 6 * DAY];
    const outages = Math.max(3, Math.round(this.#options.days / 60));
    for (let i = 0; i < outages; i++) {
      const from = this.#clock.now() + ((i + this.#random()) / outages) * this.#options.days * DAY;
      this.#ownOutages.push({ from, to: from + (lengths[i % lengths.length] ?? HOUR) });
    }
  }

  #planRestarts(): void {
    const { restarts, crashes, days } = this.#options;
    const any = () => Math.round(this.#clock.now() + this.#random() * days * DAY);
    for (let i = 0; i < restarts; i++) this.#events.plan(any(), () => this.#restart("close"));
    for (let i = 0; i < crashes; i++) {
      const when = ["at once", "after the change", "before handing over", "after handing over"] as const;
      this.#events.plan(any(), () => {
        const at = when[i % when.length] ?? "at once";
        if (at === "at once") this.#crashNow = true;
        else if (at === "after the change") this.#toCrash = at;
        else this.#mailer.endsAt = at;
      });
    }
  }

  #planMailOutages(): void {
    for (const [share, length] of [
      [0.3, 5 * HOUR],
      [0.6, 30 * HOUR],
    ] as const) {
      const from = Math.round(this.#clock.now() + share * this.#options.days * DAY);
      this.#events.plan(from, () => this.#setMailServer(true));
      this.#events.plan(from + length, () => this.#setMailServer(false));
    }
  }

  #isOurOutage(at: number): boolean {
    return this.#ownOutages.some(({ from, to }) => from <= at && at < to);
  }

  #setMailServer(isDown: boolean): void {
    this.#mailer.isDown = isDown;
    if (isDown) this.#mailDownSince = this.#clock.now();
  }

  #notTold(error: OwnerNotToldError): void {
    this.mails.notTold(error);
    const hasBeenDown = this.#mailer.isDown && this.#clock.now() - this.#mailDownSince > 20 * HOUR;
    if (!hasBeenDown && !error.problem.startsWith("the process ended")) this.problems.push(error.message);
  }

  // The process

  async #start(): Promise<void> {
    this.#lives += 1;
    this.#running = await RunningProcess.start({
      ...{ folder: this.#folder, health: this.#options.health, integrations: this.#integrations },
      ...{ clock: this.#clock, random: this.#random, stillness: this.#stillness, mailer: this.#mailer },
      claimed: ({ integration, id, kind }) => this.#kinds.set(`${integration} ${id}`, kind),
      called: (call) => this.#called(call),
      written: (integration, { to, dryRun, suspended }) => {
        if (to === "disabled" && !dryRun && !suspended) this.#disabled.add(integration);
        if (to === "active") this.#disabled.delete(integration);
      },
      reported: (report) => this.#reported(report),
      changed: (integration, transition) => this.#changed(integration, transition),
      failed: (error) => {
        if (error instanceof OwnerNotToldError) this.#notTold(error);
        else this.problems.push(String(error.stack));
      },
    });
  }

  async #restart(how: "close" | "crash"): Promise<void> {
    this.#crashNow = false;
    this.#toCrash = null;
    this.#mailer.endsAt = null;
    this.#count(how === "close" ? "restarts" : "crashes");
    // Answers to what this process sent will find nobody.
    this.#lives += 1;
    if (how === "close") await this.#process.close();
    else this.#folder = await this.#process.crash();
    this.#clock.advance(2 * SECOND);
    await this.#start();
    await this.#stillness.still();
    this.#check([]);
  }

  // What must be so

  #changed(integration: string, transition: Transition): boolean {
    this.#transitions.tell(integration, transition);
    if (this.#toCrash === null || transition.suspended || transition.dryRun) return true;
    this.#crashNow = true;
    return false;
  }

  /** Holds what the pipeline said since the last look against what the model says. */
  #check(expected: readonly ExpectedChange[]): void {
    for (const { integration, change } of expected) this.#note(integration, change);
    this.#transitions.look(expected, this.#model.heldBack);
    for (const mail of this.#mailer.taken.splice(0)) {
      this.mails.sentMail(mail, integrationsNamedIn(mail.text), this.#clock.now());
    }
  }

  #note(integration: string, change: ModelChange): void {
    this.#count(`${change.by}: ${change.from} to ${change.to}`);
    const isOnlySaid = this.#options.model.dryRun === true && change.by !== "person";
    if (change.isOurFault) this.#count("disabled by an outage of ours");
    if (!isOnlySaid) this.mails.expect(integration, change);
    if (change.to !== "disabled" || isOnlySaid) return;
    if (!this.#isDraining) this.#planEnabling(integration);
    if (change.by !== "rule") return;
    const { minWarningHours } = this.#options.model;
    if (change.warnedMs < minWarningHours * HOUR && !change.rules.includes("fatal"))
      this.#count("disabled without warning");
  }

  async #checkAll(): Promise<void> {
    for (const id of this.#integrations.keys()) {
      const { status, generation } = await this.#process.store.state(id);
      if (status !== this.#model.status(id)) this.#differ(id, `is ${status}, not ${this.#model.status(id)}`);
      if (generation !== this.#model.generation(id)) this.#differ(id, `is in generation ${generation}`);
    }
  }

  #differ(integration: string, how: string, details?: unknown): void {
    const when = new Date(this.#clock.now()).toISOString();
    this.problems.push(`${when} ${integration} ${how} ${details === undefined ? "" : JSON.stringify(details)}`);
  }

  #receiver(integration: string): Receiver {
    const receiver = this.#receivers.get(integration);
    if (receiver === undefined) throw new Error(`there is no ${integration}`);
    return receiver;
  }

  #count(what: string, by = 1): void {
    this.#figures[what] = (this.#figures[what] ?? 0) + by;
  }
}
