import { isDate } from "node:util/types";

/** ISO 8601 with its zone, as RFC 3339 writes it; also GitLab's `2015-05-17 18:08:09 UTC`. */
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(?:(Z|UTC)|([+-])(\d\d):?(\d\d))$/i;

/** Before this, a number is far more likely a time in seconds: 1973 in milliseconds, the year 5138 in seconds. */
const LEAST_NUMBER_MS = 1e11;
const FIRST_TIME_MS = 0;
const LAST_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export const TIMESTAMP_EXPECTED =
  'an ISO 8601 time with its zone, e.g. "2026-11-23T10:00:00Z", or milliseconds since 1970';

/**
 * A time from 1970 to 9999 in whatever form a source gives it, as ISO 8601 in UTC with milliseconds: a text with its
 * zone, a `Date`, or milliseconds since 1970. `undefined` for anything else, also for days that do not exist.
 */
export function readTimestamp(value: unknown): string | undefined {
  const time = timeOf(value);
  if (time === undefined || !(time >= FIRST_TIME_MS && time <= LAST_TIME_MS)) return undefined;
  return new Date(time).toISOString();
}

function timeOf(value: unknown): number | undefined {
  if (isDate(value)) return value.getTime();
  if (typeof value === "number") return Number.isInteger(value) && value >= LEAST_NUMBER_MS ? value : undefined;
  return typeof value === "string" && value.length <= 64 ? parseTime(value) : undefined;
}

function parseTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, , , , , , , fraction = "", , sign] = match;
  const part = (index: number) => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const [zoneHours, zoneMinutes] = [part(10), part(11)];
  const exists =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= new Date(Date.UTC(year, month, 0)).getUTCDate() &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    zoneHours <= 23 &&
    zoneMinutes <= 59;
  if (!exists || year < 1970) return undefined;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const offsetMinutes = (sign === "-" ? -1 : 1) * (zoneHours * 60 + zoneMinutes);
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offsetMinutes * 60_000;
}
