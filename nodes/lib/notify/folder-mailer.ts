import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mailMessage } from "./mail-message";
import type { MailSender, OutgoingMail, OwnerMailer, SendResult } from "./owner-mailer";

/**
 * Puts each mail into a folder as an `.eml` file, so that nothing needs a mail server to be tried. A file is complete when
 * it appears. The same mail sent twice is the same file, so it is never handed over twice.
 */
export class FolderMailer implements OwnerMailer {
  readonly #folder: string;
  readonly #from: MailSender;

  /** @param folder absolute path; created when the first mail is sent */
  constructor(folder: string, from: MailSender) {
    this.#folder = folder;
    this.#from = from;
  }

  async send(mail: OutgoingMail): Promise<SendResult> {
    const name = mailFileName(mail);
    const unfinished = join(this.#folder, `.${name}.part`);
    try {
      const message = await mailMessage(mail, this.#from);
      await mkdir(this.#folder, { recursive: true });
      await writeFile(unfinished, message);
      await rename(unfinished, join(this.#folder, name));
      return { accepted: true };
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      const problem = error instanceof Error ? error.message : String(error);
      // A full disk or a missing mount can be put right, so the mail is kept and tried again.
      return { accepted: false, permanent: false, error: `the mail could not be written: ${problem}` };
    }
  }

  async close(): Promise<void> {}
}

/** `<UTC time>-<kind>-<address>-<id>.eml`, with characters that every file system takes. */
export function mailFileName(mail: Pick<OutgoingMail, "id" | "kind" | "dateMs" | "to">): string {
  const time = new Date(mail.dateMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const address = mail.to.replace(/[^A-Za-z0-9@._+-]/g, "_").slice(0, 80);
  return `${time}-${mail.kind}-${address}-${mail.id.replace(/[^A-Za-z0-9]/g, "_").slice(0, 64)}.eml`;
}
