import type { HealthStatus } from "../health/integration-ledger";

/** A mail to one owner, ready to be sent. */
export interface OutgoingMail {
  /** Letters and digits; becomes the left part of the Message-ID. The same mail tried again has the same. */
  id: string;
  kind: HealthStatus;
  /** When the mail was queued, ms: its `Date`. The same mail tried again has the same. */
  dateMs: number;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/**
 * What came of sending a mail. `"unknown"` is the undecidable case: the connection broke after the mail had been handed
 * over and before the server had answered. It may have arrived, so it must not be sent again.
 */
export type SendResult =
  | { accepted: true }
  | { accepted: "unknown"; error: string }
  | { accepted: false; permanent: boolean; error: string };

export interface SendOptions {
  /**
   * Awaited directly before the mail leaves our hands, that is at the last moment at which it is certain that the owner
   * has not got it. If it rejects, nothing is sent. A mailer for which sending twice is harmless need not call it.
   */
  beforeHandingOver?: () => Promise<void>;
  /** Gives up the sending; the result says how far it came. */
  signal?: AbortSignal;
}

/** Sends mails to owners. */
export interface OwnerMailer {
  /** Never rejects: whatever happens is a result. Its errors hold no secret. */
  send(mail: OutgoingMail, options?: SendOptions): Promise<SendResult>;
  /** Breaks off what is being sent; resolves when no socket is left. Later mails are refused as a transient failure. */
  close(): Promise<void>;
}

/** Who the mails come from. */
export interface MailSender {
  /** May be empty. */
  name: string;
  address: string;
}
