import { createHash } from "node:crypto";

const PREFIX = "msg_";
const RANDOM_BYTES = 16;
const LONGEST_TAKEN_AS_IT_IS = 64;
const HASH_CHARACTERS = 32;
const LETTERS_AND_DIGITS = /^[A-Za-z0-9]+$/;

/**
 * Names an event for an integration: `"msg_"` and letters and digits. The same delivery of the source gives the same id,
 * so that a delivery that the source repeats is not sent twice.
 *
 * @param sourceDeliveryId the source's own id, e.g. of `X-GitHub-Delivery`; null or empty where it has none
 * @param randomBytes as in `node:crypto`
 */
export function webhookId(sourceDeliveryId: string | null, randomBytes: (size: number) => Buffer): string {
  if (sourceDeliveryId === null || sourceDeliveryId === "") return PREFIX + randomBytes(RANDOM_BYTES).toString("hex");
  if (sourceDeliveryId.length <= LONGEST_TAKEN_AS_IT_IS && LETTERS_AND_DIGITS.test(sourceDeliveryId)) {
    return PREFIX + sourceDeliveryId;
  }
  return PREFIX + createHash("sha256").update(sourceDeliveryId).digest("hex").slice(0, HASH_CHARACTERS);
}
