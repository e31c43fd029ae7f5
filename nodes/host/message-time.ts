/** What a Date can hold, ms. */
const FURTHEST_MS = 8.64e15;

/** The time that a message tells as ISO text or in milliseconds, in ms; null where it tells none. */
export function isoTimestampMs(value: unknown): number | null {
  const timeMs = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Math.abs(timeMs) <= FURTHEST_MS ? timeMs : null;
}
