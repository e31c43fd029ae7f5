import type { OwnerMailer } from "../lib/notify/owner-mailer";

/** A deployed `owner-mailer` node. Each notifier has a mailer of its own, so that closing one breaks off nobody else's mail. */
export interface DeployedMailer {
  create(): OwnerMailer;
}
