import type { MailClaim, Notice } from "../../notify/mail-queue";
import { DAY_MS } from "../../time/utc-day";
import { isPlainObject } from "../../validation/plain-object";
import type { NumberedEntry } from "./journal-entry";

/** Claims older than this belong to changes that nothing emits any more. */
const CLAIMS_KEPT_MS = 400 * DAY_MS;
/** A transition that no one claimed is emitted again at start for a day. */
const PENDING_KEPT_MS = DAY_MS;

export interface PendingTransition {
  integration: string;
  sequence: number;
  node: string | null;
  at: number;
}

/** What is kept of mails: which may not be sent again, and which are still to be sent. Plain JSON. */
export interface NotificationDocument {
  format: 1;
  through: number;
  /** Transitions of which no notification was claimed, oldest first. */
  pending: PendingTransition[];
  /** Time at which a claim was taken, ms, by its key. */
  claims: Record<string, number>;
  queue: Notice[];
}

export function emptyNotifications(): NotificationDocument {
  return { format: 1, through: 0, pending: [], claims: {}, queue: [] };
}

export function isNotificationDocument(value: unknown): value is NotificationDocument {
  if (!isPlainObject(value) || value.format !== 1 || !Number.isSafeInteger(value.through)) return false;
  return Array.isArray(value.pending) && Array.isArray(value.queue) && isPlainObject(value.claims);
}

export function claimKey({ integration, episode, kind, owner }: MailClaim): string {
  return JSON.stringify([integration, episode, kind, owner]);
}

/**
 * What a journal entry does to the document. `through` rises with every entry, also those that change nothing here: it is
 * the number that no later entry may have again.
 *
 * @returns whether anything else changed
 */
export function applyToNotifications(document: NotificationDocument, entry: NumberedEntry): boolean {
  if (entry.n <= document.through) return false;
  document.through = entry.n;
  switch (entry.t) {
    case "transition": {
      const { sequence, node, at } = entry.transition;
      document.pending = document.pending.filter((pending) => pending.at > at - PENDING_KEPT_MS);
      document.pending.push({ integration: entry.i, sequence, node, at });
      break;
    }
    case "notices":
      for (const notice of entry.notices) {
        document.claims[claimKey(notice.claim)] = entry.at;
        document.queue.push({ ...notice });
      }
      for (const [key, at] of Object.entries(document.claims)) {
        if (at < entry.at - CLAIMS_KEPT_MS) delete document.claims[key];
      }
      document.pending = document.pending.filter(
        ({ integration, sequence }) => integration !== entry.i || sequence !== entry.sequence,
      );
      break;
    case "noticeResult": {
      const keys = new Set(entry.claims.map(claimKey));
      const { result } = entry;
      if (result.state === "retry") {
        for (const notice of document.queue) {
          if (!keys.has(claimKey(notice.claim))) continue;
          notice.tries += 1;
          notice.dueAt = result.at;
        }
      } else {
        document.queue = document.queue.filter(({ claim }) => !keys.has(claimKey(claim)));
      }
      break;
    }
    default:
      return false;
  }
  return true;
}
