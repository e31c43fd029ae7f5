import type { OutgoingMail, OwnerMailer, SendOptions, SendResult } from "../../nodes/lib/notify/owner-mailer";
import type { Random } from "../../nodes/lib/time/clock";

/** Where a process may end while it tells an owner. */
export type EndsAt = "before handing over" | "after handing over";

/** A mail server by script: it keeps what it took, and is sometimes out of order. */
export class RecordingMailer implements OwnerMailer {
  readonly taken: OutgoingMail[] = [];
  isDown = false;
  /** The process ends at this point of the next mail. */
  endsAt: EndsAt | null = null;
  readonly #random: Random;
  readonly #ended: () => void;

  constructor(random: Random, ended: () => void) {
    this.#random = random;
    this.#ended = ended;
  }

  async send(mail: OutgoingMail, { beforeHandingOver }: SendOptions = {}): Promise<SendResult> {
    if (this.isDown || this.#random() < 0.05)
      return { accepted: false, permanent: false, error: "451 come back later" };
    if (this.endsAt === "before handing over") return await this.#end();
    await beforeHandingOver?.();
    const { endsAt } = this;
    if (endsAt === null || this.#random() < 0.5) this.taken.push(mail);
    if (endsAt !== null) return await this.#end();
    return { accepted: true };
  }

  async close(): Promise<void> {}

  #end(): Promise<SendResult> {
    this.endsAt = null;
    this.#ended();
    return new Promise(() => undefined);
  }
}
