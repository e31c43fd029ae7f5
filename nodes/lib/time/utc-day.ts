export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const MOST_DAYS_REMEMBERED = 64;
/** By number of days since 1970: each attempt asks for today several times, and making a text of it takes long. */
const knownDays = new Map<number, string>();

/** The UTC day of a time in milliseconds, as `"2026-11-23"`. */
export function utcDay(timeMs: number): string {
  const number = Math.floor(timeMs / DAY_MS);
  let day = knownDays.get(number);
  if (day === undefined) {
    day = new Date(timeMs).toISOString().slice(0, 10);
    if (knownDays.size >= MOST_DAYS_REMEMBERED) knownDays.clear();
    knownDays.set(number, day);
  }
  return day;
}

/** The time in milliseconds at which a UTC day (`"2026-11-23"`) begins. */
export function startOfUtcDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`);
}
