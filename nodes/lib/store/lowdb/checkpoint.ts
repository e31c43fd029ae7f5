import type { StoreSettings } from "../store";
import { archiveLine, chooseArchiveLines, chooseLogLines } from "./history-lines";
import { keepStatus, type LoadedIntegration, lastDelivered, type PendingArchive } from "./integration-files";
import type { StoreCore } from "./store-core";

/** Bytes by which the archive of an integration would grow now. */
export function archiveBytes(loaded: LoadedIntegration, settings: Pick<StoreSettings, "keepDelivered">): number {
  return lastDelivered(loaded.pendingArchive, settings).reduce((sum, { position }) => sum + position.length, 0);
}

/**
 * Writes what only the journal has of an integration into its own files, so that the journal is not needed for it.
 *
 * @param mostArchived bytes by which its archive may grow: of what can be replayed the oldest is forgotten
 */
export async function checkpointIntegration(
  core: StoreCore,
  loaded: LoadedIntegration,
  mostArchived: number,
): Promise<void> {
  const { needs } = loaded;
  if (needs === null) return;
  const { settings, clock, journal } = core;
  // A picture of this moment: entries that come while it is written belong to the next.
  const document = structuredClone(loaded.document);
  document.settled = document.settled.slice(-1_000);
  const log = [...loaded.pendingLog.values()].flatMap((positions) =>
    positions.slice(Math.max(0, positions.length - settings.logSize)),
  );
  log.sort((a, b) => a.segment - b.segment || a.offset - b.offset);
  const pending = lastDelivered(loaded.pendingArchive, settings);
  const archive = newestWithin(mostArchived, pending);
  const known = new Set([...loaded.pendingLog.values()].flat());
  const knownArchive = new Set(loaded.pendingArchive);
  loaded.needs = null;
  try {
    // Counted at once: the next look at the folder may be too late to refuse what no longer fits.
    const logLines = lazily(log, (at) => journal.read(at));
    core.fileBytes += await loaded.log.append(logLines, () => chooseLogLines(settings.logSize));
    // What is in the file is older than all that is left out here.
    if (archive.length < pending.length) core.fileBytes -= loaded.archive.empty();
    const archiveLines = lazily(archive, ({ settledAt, gaveUp, position }) =>
      archiveLine(settledAt, gaveUp, journal.read(position)),
    );
    core.fileBytes += await loaded.archive.append(archiveLines, () => chooseArchiveLines(settings, clock.now()));
    // Before the other, so that it never has less of it.
    await keepStatus(loaded);
    loaded.low.data = document;
    await loaded.low.write();
  } catch (error) {
    loaded.needs = needs;
    throw error;
  }
  for (const [event, positions] of loaded.pendingLog) {
    const left = positions.filter((position) => !known.has(position));
    if (left.length > 0) loaded.pendingLog.set(event, left);
    else loaded.pendingLog.delete(event);
  }
  loaded.pendingArchive = loaded.pendingArchive.filter((pending) => !knownArchive.has(pending));
}

export async function checkpointNotifications(core: StoreCore): Promise<void> {
  const { notifications } = core;
  const { needs } = notifications;
  notifications.needs = null;
  try {
    notifications.low.data = structuredClone(notifications.document);
    await notifications.low.write();
  } catch (error) {
    notifications.needs = needs;
    throw error;
  }
}

function newestWithin(bytes: number, pending: readonly PendingArchive[]): readonly PendingArchive[] {
  let left = bytes;
  const firstKept = pending.findLastIndex(({ position }) => {
    left -= position.length;
    return left < 0;
  });
  return pending.slice(firstKept + 1);
}

/** Makes each line when it is asked for: all of them may be more than memory holds. */
function* lazily<Item>(items: Iterable<Item>, line: (item: Item) => string): Generator<string> {
  for (const item of items) yield line(item);
}
