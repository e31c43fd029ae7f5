import type { GaveUp } from "../../delivery/attempt";
import type { ArchivedDelivery, LogEntry } from "../../delivery/delivery-log";
import { DAY_MS } from "../../time/utc-day";
import type { StoreSettings } from "../store";
import { decodeLine } from "./journal-entry";

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
export function newestPerEvent(entries: readonly LogEntry[], logSize: number): LogEntry[] {
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
export function keepLogLines(lines: readonly string[], logSize: number): string[] {
  const kept = new Set(
    newestPerEvent(
      lines.flatMap((line) => readLogLine(line) ?? []),
      logSize,
    ).map(({ attemptId }) => attemptId),
  );
  return lines.filter((line) => kept.delete(readLogLine(line)?.attemptId ?? ""));
}

/** The archive's line for a delivery whose accept line is given. */
export function archiveLine(settledAt: number, gaveUp: GaveUp | null, acceptLine: string): string {
  return `{"settledAt":${settledAt},"gaveUp":${JSON.stringify(gaveUp)},"accepted":${acceptLine}}`;
}

export function readArchiveLine(line: string): ArchivedDelivery | null {
  try {
    const { settledAt, gaveUp } = JSON.parse(line);
    const { entry, body } = decodeLine(line.slice(line.indexOf('"accepted":') + '"accepted":'.length, -1));
    if (entry.t !== "accept" && entry.t !== "keep") return null;
    const { dueAt: _, ...head } = entry.d;
    return { delivery: { ...head, body }, settledAt, gaveUp };
  } catch {
    return null;
  }
}

/** What can still be replayed: given-up deliveries for a time, and the last few delivered ones. Oldest first. */
export function replayable(
  archived: readonly ArchivedDelivery[],
  { keepDelivered, retentionDays }: Pick<StoreSettings, "keepDelivered" | "retentionDays">,
  now: number,
): ArchivedDelivery[] {
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
export function keepArchiveLines(lines: readonly string[], settings: StoreSettings, now: number): string[] {
  const read = new Map<ArchivedDelivery, string>();
  for (const line of lines) {
    const archived = readArchiveLine(line);
    if (archived !== null) read.set(archived, line);
  }
  return replayable([...read.keys()], settings, now).map((archived) => read.get(archived) ?? "");
}
