import type { Clock, Random } from "../time/clock";
import type { ComposedMail } from "./compose-mail";
import { type MailBatch, mailId } from "./mail-batch";
import { BEING_HANDED_OVER, type MailQueue, type Notice, type NoticeResult } from "./mail-queue";
import { OwnerNotToldError, type RecipientResult } from "./notification";
import type { OwnerMailer, SendResult } from "./owner-mailer";
import { GIVE_UP_AFTER_MS, retryWaitMs } from "./retry-wait";

export interface MailTryOptions {
  queue: MailQueue;
  mailer: OwnerMailer;
  clock: Clock;
  random: Random;
  digestDelayMs: number;
  signal: AbortSignal;
  onError: (error: Error) => void;
}

export interface MailTry {
  recipient: RecipientResult;
  /** Notices that stay queued, with the time of the next try. */
  again: Notice[];
}

/**
 * Tries to send one mail and settles its notices. Before the mail is handed over, the queue is told: if the process ends
 * then, the mail is not sent a second time. Never rejects.
 */
export async function tryMail(batch: MailBatch, mail: ComposedMail, options: MailTryOptions): Promise<MailTry> {
  const { queue, mailer, signal, onError } = options;
  const claims = batch.notices.map(({ claim }) => claim);
  const beforeHandingOver = () =>
    queue.settleNotices(claims, { state: "retry", at: BEING_HANDED_OVER, error: "being handed over" });
  const outgoing = {
    ...mail,
    id: mailId(batch),
    kind: batch.kind,
    dateMs: Math.min(...batch.notices.map(({ queuedAt }) => queuedAt)),
    to: batch.owner,
  };
  const result = await mailer
    .send(outgoing, { beforeHandingOver, signal })
    .catch((error: unknown): SendResult => ({ accepted: false, permanent: false, error: String(error) }));
  const next = whatNext(result, batch, options);
  await settle(queue, batch, next, onError);
  const again =
    next.state === "retry"
      ? batch.notices.map((notice) => ({ ...notice, tries: notice.tries + 1, dueAt: next.at }))
      : [];
  const error = result.accepted === true ? null : result.error;
  if (error !== null && next.state !== "retry") onError(notTold(batch, error));
  return {
    recipient: {
      address: batch.owner,
      accepted: result.accepted === true,
      error: error !== null && next.state === "retry" ? `${error} (it will be tried again)` : error,
    },
    again,
  };
}

/** Takes the notices of a mail that cannot be sent at all from the queue. Never rejects. */
export async function giveUp(
  batch: MailBatch,
  problem: string,
  { queue, onError }: Pick<MailTryOptions, "queue" | "onError">,
): Promise<RecipientResult> {
  await settle(queue, batch, { state: "failed", error: problem }, onError);
  onError(notTold(batch, problem));
  return { address: batch.owner, accepted: false, error: problem };
}

/**
 * Writes what became of notices. If that fails, the notices in memory still move on; on disk they stay marked as being
 * handed over, or due, so that a restart repeats at most what is harmless to repeat.
 */
export async function settle(
  queue: MailQueue,
  batch: MailBatch,
  result: NoticeResult,
  onError: (error: Error) => void,
): Promise<void> {
  try {
    await queue.settleNotices(
      batch.notices.map(({ claim }) => claim),
      result,
    );
  } catch (error) {
    onError(error instanceof Error ? error : new Error(String(error)));
  }
}

function whatNext(result: SendResult, batch: MailBatch, options: MailTryOptions): NoticeResult {
  const { clock, random, digestDelayMs } = options;
  // It may have arrived, and nobody is to be told twice.
  if (result.accepted !== false) return { state: "sent" };
  const now = clock.now();
  const lastTryAt = Math.min(...batch.notices.map(({ queuedAt }) => queuedAt)) + digestDelayMs + GIVE_UP_AFTER_MS;
  if (result.permanent || now >= lastTryAt) return { state: "failed", error: result.error };
  const at = Math.min(now + retryWaitMs(batch.notices[0].tries + 1, random), lastTryAt);
  return { state: "retry", at, error: result.error };
}

export function notTold({ owner, kind, notices }: MailBatch, problem: string): OwnerNotToldError {
  return new OwnerNotToldError(
    owner,
    kind,
    notices.map(({ integration }) => integration.id),
    problem,
  );
}
