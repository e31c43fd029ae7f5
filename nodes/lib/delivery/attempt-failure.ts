import type { LocalReason, NoAnswerReason } from "./attempt";

/** An attempt that failed for a reason that is known where it was noticed. */
export class AttemptFailure extends Error {
  override readonly name = "AttemptFailure";

  constructor(
    readonly reason: NoAnswerReason | LocalReason,
    cause?: unknown,
  ) {
    super(`the attempt failed: ${reason}`, { cause });
  }
}
