import type { Reason } from "../delivery/attempt";
import { utcDay } from "../time/utc-day";
import type { ReasonCount } from "./attempt-history";
import type { Counting } from "./rules/rule";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A UTC day in words: `"18 November"`, with its year if that is not the year of `nowMs`. */
export function dayInWords(timeMs: number, nowMs: number): string {
  const day = new Date(timeMs);
  const words = `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
  return day.getUTCFullYear() === new Date(nowMs).getUTCFullYear() ? words : `${words} ${day.getUTCFullYear()}`;
}

/** The same, with the time of day if it is the day of `nowMs`: `"23 November, 10:15 UTC"`. */
export function momentInWords(timeMs: number, nowMs: number): string {
  const day = dayInWords(timeMs, nowMs);
  return utcDay(timeMs) === utcDay(nowMs) ? `${day}, ${new Date(timeMs).toISOString().slice(11, 16)} UTC` : day;
}

/** A whole number with commas between thousands: `"1,000"`. */
export function inThousands(count: number): string {
  return count < 1_000 ? `${count}` : `${count}`.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `"1 failed attempt"`, `"1,214 failed attempts"`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${inThousands(count)} ${count === 1 ? singular : plural}`;
}

/** A share in whole percent, rounded down so that it never seems to reach a limit that it does not. */
export function inPercent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.floor((100 * part) / whole)} %`;
}

/** `", most often 500"`, or nothing if no reason is known. Under `"sentry"` only reasons that it counts are looked at. */
export function mostOften(reasons: readonly ReasonCount[], counting: Counting): string {
  let most: ReasonCount | undefined;
  for (const candidate of reasons) {
    if (counting === "sentry" && !/^http-4(?!29$)/.test(candidate.reason)) continue;
    if (most === undefined || candidate.count > most.count) most = candidate;
  }
  return most === undefined ? "" : `, most often ${reasonInWords(most.reason)}`;
}

function reasonInWords(reason: Reason): string {
  switch (reason) {
    case "refused":
      return "a refused connection";
    case "reset":
      return "a connection that was cut";
    case "dns":
      return "a host name that does not resolve";
    case "tls":
      return "a failed TLS handshake";
    case "timeout":
      return "a time-out";
    case "bad-response":
      return "an unreadable answer";
    default:
      return reason.replace(/^http-/, "");
  }
}
