import type { OwnerNotToldError } from "../../nodes/lib/notify/notification";
import type { OutgoingMail } from "../../nodes/lib/notify/owner-mailer";
import type { ModelChange, ModelStatus } from "./health-model";

/** Which mails should be sent, by the model's changes, and which were. */
export class MailBook {
  repeated = 0;
  /** Mails of which the notifier said that they did not arrive, or not for certain. */
  givenUp = 0;
  readonly #owners: (integration: string) => readonly string[];
  readonly #changes = new Map<string, ModelChange[]>();
  readonly #expected = new Set<string>();
  readonly #sent = new Set<string>();
  readonly #notTold = new Map<string, number>();
  readonly #problems: string[] = [];

  constructor(owners: (integration: string) => readonly string[]) {
    this.#owners = owners;
  }

  get sent(): number {
    return this.#sent.size;
  }

  expect(integration: string, change: ModelChange): void {
    const changes = this.#changes.get(integration) ?? [];
    changes.push(change);
    this.#changes.set(integration, changes);
    for (const owner of this.#owners(integration)) this.#expected.add(key(owner, integration, change));
  }

  /** @param integrations those that the mail speaks of */
  sentMail({ to, kind, dateMs }: OutgoingMail, integrations: readonly string[], nowMs: number): void {
    if (integrations.length === 0) this.#problems.push(`a mail to ${to} speaks of no integration`);
    for (const integration of integrations) {
      // A mail of several changes bears the time of the first.
      const until = integrations.length === 1 ? dateMs : nowMs;
      const change = this.#changes.get(integration)?.findLast(({ to: status, at }) => status === kind && at <= until);
      if (change === undefined) {
        this.#problems.push(`${to} was told that ${integration} is ${kind}, which it never was`);
        continue;
      }
      const sent = key(to, integration, change);
      if (this.#sent.has(sent)) {
        this.repeated += 1;
        this.#problems.push(`repeated: ${sent}`);
      }
      this.#sent.add(sent);
    }
  }

  notTold({ owner, kind, integrations }: OwnerNotToldError): void {
    for (const integration of integrations) {
      const about = `${owner} ${integration} ${kind}`;
      this.givenUp += 1;
      this.#notTold.set(about, (this.#notTold.get(about) ?? 0) + 1);
    }
  }

  /** Mails that were repeated, forgotten without a word, or sent though nothing had happened. */
  problems(): string[] {
    const problems = [...this.#problems];
    for (const sent of this.#sent) if (!this.#expected.has(sent)) problems.push(`not to be sent: ${sent}`);
    const left = new Map(this.#notTold);
    for (const expected of this.#expected) {
      if (this.#sent.has(expected)) continue;
      const about = expected.split(" ").slice(0, 3).join(" ");
      const excuses = left.get(about) ?? 0;
      left.set(about, excuses - 1);
      if (excuses <= 0) problems.push(`forgotten: ${expected}`);
    }
    return problems;
  }
}

function key(owner: string, integration: string, { to, episode }: { to: ModelStatus; episode: number }): string {
  return `${owner} ${integration} ${to} episode ${episode}`;
}
