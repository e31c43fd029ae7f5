import type { HealthStatus, Transition } from "../health/integration-ledger";
import type { Meanwhile } from "./meanwhile";

/** The right to tell one owner once of one kind of change within one episode. Taken at most once, whatever happens. */
export interface MailClaim {
  integration: string;
  episode: string;
  kind: HealthStatus;
  /** The owner's address, in lower case; empty for the output message where no owner is known. */
  owner: string;
}

/** What a mail says of the integration, as it was when the change was made. */
export interface IntegrationFacts {
  id: string;
  name: string;
  organization: string;
  /** Tokens in it masked. */
  url: string;
  /** Absent where its settings are not known. */
  meanwhile?: Meanwhile;
}

/** A change that one owner is to be told of. Mails are composed from notices when they are sent. */
export interface Notice {
  claim: MailClaim;
  /** Id of the `notify-owners` node that queued it. */
  node: string;
  integration: IntegrationFacts;
  transition: Transition;
  queuedAt: number;
  /** ms, or {@link BEING_HANDED_OVER}. */
  dueAt: number;
  /** Tries so far. */
  tries: number;
}

/**
 * The `dueAt` of a notice while its mail is handed over to the mail server, written as a `retry` just before. A notice
 * that is found with it at start was cut off by the end of the process: its mail may have arrived, so it is not sent
 * again. This keeps "at most once" across kills, for the price of losing the mails that were handed over at that moment.
 */
export const BEING_HANDED_OVER = Number.MAX_SAFE_INTEGER;

export type NoticeResult =
  | { state: "sent" }
  | { state: "retry"; at: number; error: string }
  | { state: "failed"; error: string };

export interface MailQueue {
  /**
   * Keeps notices and marks the transition as notified, in one write. Resolves with those whose claim was not taken
   * before: by another node, another process, or before a restart. The rest is dropped.
   */
  queueNotices(notices: readonly Notice[], transition: { integration: string; sequence: number }): Promise<Notice[]>;
  /** All queued notices of a node, also those that are not due yet, by due time. */
  queuedNotices(node: string): Promise<Notice[]>;
  /** `sent` and `failed` take the notices from the queue; their claims stay taken. */
  settleNotices(claims: readonly MailClaim[], result: NoticeResult): Promise<void>;
}
