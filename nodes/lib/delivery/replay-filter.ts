import * as v from "valibot";
import { check, pathOf } from "../validation/check";
import { InvalidFieldsError, quoteValue } from "../validation/invalid-fields-error";
import { isPlainObject, plainObject } from "../validation/plain-object";
import type { ArchivedDelivery } from "./delivery-log";

/** Which archived webhooks are sent again. Without any property: all that were given up. */
export interface ReplayFilter {
  /** One webhook, by its id. */
  id?: string;
  /** Only those settled at or after this time, ms. */
  since?: number;
  /** Also those that were delivered. */
  delivered?: boolean;
}

const TIME = "an ISO time, or milliseconds since 1970";

const ENTRIES = {
  id: v.optional(v.string("the id of a webhook")),
  since: v.optional(
    v.union([v.pipe(v.string(), v.isoTimestamp(TIME)), v.pipe(v.number(), v.finite(TIME)), v.date(TIME)], TIME),
  ),
  delivered: v.optional(v.boolean("true or false")),
};
const SCHEMA = plainObject(ENTRIES);

/**
 * Reads `msg.filter` of the command `redeliver`.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function parseReplayFilter(value: unknown): ReplayFilter {
  refuseUnknown(value);
  const { id, since, delivered } = check(SCHEMA, value ?? {}, { subject: "redeliver", path: "msg.filter" });
  return {
    ...(id === undefined ? {} : { id }),
    ...(since === undefined ? {} : { since: new Date(since).getTime() }),
    ...(delivered === undefined ? {} : { delivered }),
  };
}

/** A condition that is misspelt must not mean all that were given up. */
function refuseUnknown(value: unknown): void {
  if (!isPlainObject(value)) return;
  const fields = Object.keys(value)
    .filter((name) => !Object.hasOwn(ENTRIES, name))
    .map((name) => ({
      field: pathOf("msg.filter", [name]),
      value: quoteValue(value[name]),
      expected: `no such property, only ${Object.keys(ENTRIES).join(", ")}`,
    }));
  if (fields.length > 0) throw new InvalidFieldsError("redeliver", fields);
}

export function matchesReplay({ delivery, settledAt, gaveUp }: ArchivedDelivery, filter: ReplayFilter): boolean {
  if (filter.id !== undefined) return delivery.id === filter.id;
  if (filter.since !== undefined && settledAt < filter.since) return false;
  return gaveUp !== null || filter.delivered === true;
}
