import type { GaveUp } from "../../delivery/attempt";
import type { ArchivedDelivery, LogEntry } from "../../delivery/delivery-log";
import { DAY_MS } from "../../time/utc-day";
import type { StoreSettings } from "../store";
import type { LineChoice } from "./history-file";
import { decodeEntry, decodeLine } from "./journal-entry";

const ACCEPTED = ',"accepted":';

/** What tells whether an archived delivery stays. */
interface Archived {
  delivery: { id: string };
  settledAt: number;
  gaveUp: GaveUp | null;
}

/** An attempt as the log shows it, from its line in the journal or the log file; null if the line is not one. */
export function readLogLine(line: string): LogEntry | null {
  try {
    const { entry } = decodeLine(line);
    if (entry.t !== "settle" || entry.attempt === null) return null;
    return {
      ...entry.attempt,
      integration: entry.i,
      webhook: entry.id,
      event: entry.event,
      kind: entry.kind,
      gaveUp: entry.next.state === "given-up" ? entry.next.gaveUp : null,
    };
  } catch {
    return null;
  }
}

/** The newest `logSize` per event type, newest first, each attempt once. */
export function newestPerEvent<Entry extends Pick<LogEntry, "attemptId" | "event">>(
  entries: readonly Entry[],
  logSize: number,
): Entry[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return entries.toReversed().filter(({ attemptId, event }) => {
    const count = counts.get(event) ?? 0;
    if (seen.has(attemptId) || count >= logSize) return false;
    seen.add(attemptId);
    counts.set(event, count + 1);
    return true;
  });
}

/** Which lines of a log file stay when it is cut down. */
export function chooseLogLines(logSize: number): LineChoice {
  return choice(
    (line) => {
      const entry = readLogLine(line);
      return entry && { attemptId: entry.attemptId, event: entry.event };
    },
    (entries) => newestPerEvent(entries, logSize),
  );
}

/** The archive's line for a delivery whose accept line is given. */
export function archiveLine(settledAt: number, gaveUp: GaveUp | null, acceptLine: string): string {
  return `{"settledAt":${settledAt},"gaveUp":${JSON.stringify(gaveUp)}${ACCEPTED}${acceptLine}}`;
}

export function readArchiveLine(line: string): ArchivedDelivery | null {
  try {
    const { settledAt, gaveUp, accepted } = archiveParts(line);
    const { entry, body } = decodeLine(accepted);
    if (entry.t !== "accept" && entry.t !== "keep") return null;
    const { dueAt: _, ...head } = entry.d;
    return { delivery: { ...head, body }, settledAt, gaveUp };
  } catch {
    return null;
  }
}

/** The same without what is not needed to choose: bodies may be large. */
function readArchived(line: string): Archived | null {
  try {
    const { settledAt, gaveUp, accepted } = archiveParts(line);
    const entry = decodeEntry(accepted);
    return entry.t === "accept" || entry.t === "keep" ? { delivery: { id: entry.d.id }, settledAt, gaveUp } : null;
  } catch {
    return null;
  }
}

function archiveParts(line: string): { settledAt: number; gaveUp: GaveUp | null; accepted: string } {
  const at = line.indexOf(ACCEPTED);
  return { ...JSON.parse(`${line.slice(0, at)}}`), accepted: line.slice(at + ACCEPTED.length, -1) };
}

/** What can still be replayed: given-up deliveries for a time, and the last few delivered ones. Oldest first. */
export function replayable<Item extends Archived>(
  archived: readonly Item[],
  { keepDelivered, retentionDays }: Pick<StoreSettings, "keepDelivered" | "retentionDays">,
  now: number,
): Item[] {
  const seen = new Set<string>();
  let delivered = 0;
  return archived
    .toReversed()
    .filter(({ delivery, settledAt, gaveUp }) => {
      const key = `${settledAt} ${delivery.id}`;
      if (seen.has(key)) return false;
      seen.add(key);
      if (gaveUp !== null) return settledAt > now - retentionDays * DAY_MS;
      delivered += 1;
      return delivered <= keepDelivered;
    })
    .reverse();
}

/** Which lines of an archive file stay when it is cut down. */
export function chooseArchiveLines(settings: StoreSettings, now: number): LineChoice {
  return choice(readArchived, (archived) => replayable(archived, settings, now));
}

function choice<Item extends object>(
  read: (line: string) => Item | null,
  choose: (items: readonly Item[]) => readonly Item[],
): LineChoice {
  const shown: (Item | null)[] = [];
  return {
    show: (line) => shown.push(read(line)),
    stays: () => {
      const kept = new Set<Item | null>(choose(shown.filter((item) => item !== null)));
      return (index) => kept.has(shown[index] ?? null);
    },
  };
}
