import type { NodeMessage } from "node-red";
import { integrationNamedIn } from "../host/message-integration";
import { changeOf } from "../lib/health/health-message";
import type { IntegrationState, Transition } from "../lib/health/integration-ledger";
import { type InvalidField, InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";

/**
 * Reads which change a message tells, as integration-health-check gives it; null for one that tells none.
 *
 * @throws InvalidFieldsError if the message does not come from there
 */
export function readChange(msg: NodeMessage): { integration: string; change: PlainObject | null } {
  const { health } = msg;
  const integration = integrationNamedIn(msg);
  const change = isPlainObject(health) ? (health.change ?? null) : undefined;
  if (integration !== undefined && (change === null || isPlainObject(change))) return { integration, change };
  const problems: InvalidField[] = [];
  if (integration === undefined) {
    const expected = "the id of an integration, as integration-health-check passes it on";
    problems.push({ field: "msg.webhook.integration", value: "nothing", expected });
  }
  if (change !== null && !isPlainObject(change)) {
    const expected = "a change as integration-health-check gives it, or null";
    problems.push({ field: "msg.health.change", value: quoteValue(change), expected });
  }
  throw new InvalidFieldsError("change", problems);
}

/**
 * The transition that was written for a change: what mails say is taken from the store, not from the message.
 *
 * @throws InvalidFieldsError if no such transition was written, or so long ago that it is not kept any more
 */
export function writtenTransition({ transitions }: IntegrationState, change: PlainObject): Transition {
  const found = transitions.findLast((transition) => {
    const { at, episode, to, from, dryRun } = changeOf(transition);
    return (
      change.at === at &&
      change.episode === episode &&
      change.to === to &&
      change.from === from &&
      change.dryRun === dryRun
    );
  });
  if (found !== undefined) return found;
  throw new InvalidFieldsError("change", [
    { field: "msg.health.change", value: quoteValue(change), expected: "one of the integration's last 50 changes" },
  ]);
}
