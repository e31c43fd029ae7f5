import type { ChangeMessage } from "../health/health-message";
import type { HealthStatus } from "../health/integration-ledger";
import type { ComposedMail } from "./compose-mail";
import type { IntegrationFacts } from "./mail-queue";

/** `msg.notification`: one change, or one digest of changes, and who was told of it. */
export interface Notification extends ComposedMail {
  kind: HealthStatus;
  /** Of the first item. */
  episode: string;
  items: { integration: IntegrationFacts; change: ChangeMessage }[];
  /** Empty where no owner is known. */
  recipients: RecipientResult[];
}

export interface RecipientResult {
  address: string;
  /** Whether the mail server took the mail, or the folder holds it. */
  accepted: boolean;
  /** Why it was not accepted, and whether it will be tried again; null where no mail was to be sent. */
  error: string | null;
}

/** An owner was not told, or may not have been, and will not be tried again. */
export class OwnerNotToldError extends Error {
  override readonly name = "OwnerNotToldError";

  /** @param integrations ids of those that the mail was about */
  constructor(
    readonly owner: string,
    readonly kind: HealthStatus,
    readonly integrations: readonly string[],
    readonly problem: string,
  ) {
    super(`the "${kind}" mail about ${integrations.join(", ")} did not reach ${owner}, or not for certain: ${problem}`);
  }
}
