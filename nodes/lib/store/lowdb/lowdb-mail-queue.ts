import type { MailClaim, MailQueue, Notice, NoticeResult } from "../../notify/mail-queue";
import { Turns } from "../../time/turns";
import { claimKey } from "./notification-document";
import type { StoreCore } from "./store-core";

const QUEUE = "queue";

/** Notices that wait to be mailed, and the claims that keep a second one from being made. */
export class LowdbMailQueue implements MailQueue {
  readonly #core: StoreCore;
  readonly #turns = new Turns();

  constructor(core: StoreCore) {
    this.#core = core;
  }

  async queueNotices(
    notices: readonly Notice[],
    { integration, sequence }: { integration: string; sequence: number },
  ): Promise<Notice[]> {
    const core = this.#core;
    return await core.files.use(integration, () =>
      this.#turns.take(QUEUE, async () => {
        const { claims, pending } = core.notifications.document;
        const keys = new Set<string>();
        const granted = notices.filter(({ claim }) => {
          const key = claimKey(claim);
          if (claims[key] !== undefined || keys.has(key)) return false;
          keys.add(key);
          return true;
        });
        const awaited = pending.some((each) => each.integration === integration && each.sequence === sequence);
        if (granted.length > 0 || awaited) {
          await core.write({ t: "notices", i: integration, at: core.clock.now(), sequence, notices: granted });
        }
        return granted;
      }),
    );
  }

  async queuedNotices(node: string): Promise<Notice[]> {
    return this.#core.notifications.document.queue
      .filter((notice) => notice.node === node)
      .sort((a, b) => a.dueAt - b.dueAt)
      .map((notice) => ({ ...notice }));
  }

  async settleNotices(claims: readonly MailClaim[], result: NoticeResult): Promise<void> {
    const core = this.#core;
    await core.writeForSure({ t: "noticeResult", at: core.clock.now(), claims: [...claims], result });
  }
}
