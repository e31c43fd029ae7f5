import { createHash } from "node:crypto";
import type { HealthStatus } from "../health/integration-ledger";
import type { MailClaim, Notice } from "./mail-queue";

/** Notices that make one mail: same owner, same kind, and sent for the first time or failed together before. */
export interface MailBatch {
  owner: string;
  kind: HealthStatus;
  firstTry: boolean;
  notices: readonly [Notice, ...Notice[]];
}

/**
 * The mails that are due. When one notice of an owner is due, those of the same kind that still wait for company go with
 * it. What failed together is tried again together, so that a mail keeps its content and its Message-ID.
 */
export function dueBatches(notices: Iterable<Notice>, nowMs: number): MailBatch[] {
  const groups = new Map<string, [Notice, ...Notice[]]>();
  for (const notice of notices) {
    const { owner, kind } = notice.claim;
    const key = JSON.stringify([owner, kind, notice.tries === 0 ? null : notice.dueAt]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [notice]);
    else group.push(notice);
  }
  return [...groups.values()]
    .filter((group) => group.some(({ dueAt }) => dueAt <= nowMs))
    .map((group) => {
      group.sort((a, b) => a.transition.at - b.transition.at || compare(claimKey(a.claim), claimKey(b.claim)));
      const { claim, tries } = group[0];
      return { owner: claim.owner, kind: claim.kind, firstTry: tries === 0, notices: group };
    });
}

/** Batches that say the same, to different owners. */
export function sameNews(batches: readonly MailBatch[]): [MailBatch, ...MailBatch[]][] {
  const groups = new Map<string, [MailBatch, ...MailBatch[]]>();
  for (const batch of batches) {
    const news = batch.notices.map(({ claim }) => [claim.integration, claim.episode]);
    const key = JSON.stringify([batch.kind, batch.firstTry ? null : batch.owner, news]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [batch]);
    else group.push(batch);
  }
  return [...groups.values()];
}

/** Names a mail by what it claims: the same for each try, also after a restart. */
export function mailId({ notices }: MailBatch): string {
  const claims = notices.map(({ claim }) => claimKey(claim)).sort();
  return createHash("sha256").update(JSON.stringify(claims)).digest("hex").slice(0, 32);
}

export function claimKey({ integration, episode, kind, owner }: MailClaim): string {
  return JSON.stringify([integration, episode, kind, owner]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
