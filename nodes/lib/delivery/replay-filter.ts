import * as v from "valibot";
import { check } from "../validation/check";
import { plainObject } from "../validation/plain-object";
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

const SCHEMA = plainObject({
  id: v.optional(v.string("the id of a webhook")),
  since: v.optional(
    v.union([v.pipe(v.string(), v.isoTimestamp(TIME)), v.pipe(v.number(), v.finite(TIME)), v.date(TIME)], TIME),
  ),
  delivered: v.optional(v.boolean("true or false")),
});

/**
 * Reads `msg.filter` of the command `redeliver`.
 *
 * @throws InvalidFieldsError with every wrong field
 */
export function parseReplayFilter(value: unknown): ReplayFilter {
  const { id, since, delivered } = check(SCHEMA, value ?? {}, { subject: "redeliver", path: "msg.filter" });
  return {
    ...(id === undefined ? {} : { id }),
    ...(since === undefined ? {} : { since: new Date(since).getTime() }),
    ...(delivered === undefined ? {} : { delivered }),
  };
}

export function matchesReplay({ delivery, settledAt, gaveUp }: ArchivedDelivery, filter: ReplayFilter): boolean {
  if (filter.id !== undefined) return delivery.id === filter.id;
  if (filter.since !== undefined && settledAt < filter.since) return false;
  return gaveUp !== null || filter.delivered === true;
}
