import { archiveLine, keepArchiveLines, keepLogLines } from "./history-lines";
import { keepStatus, type LoadedIntegration, lastDelivered } from "./integration-files";
import type { StoreCore } from "./store-core";

/** Writes what only the journal has of an integration into its own files, so that the journal is not needed for it. */
export async function checkpointIntegration(core: StoreCore, loaded: LoadedIntegration): Promise<void> {
  const { needs } = loaded;
  if (needs === null) return;
  const { settings, clock, journal } = core;
  // A picture of this moment: entries that come while it is written belong to the next.
  const document = structuredClone(loaded.document);
  document.settled = document.settled.slice(-1_000);
  const log = [...loaded.pendingLog.values()].flatMap((positions) =>
    positions.slice(Math.max(0, positions.length - settings.logSize)),
  );
  const archive = lastDelivered(loaded.pendingArchive, settings);
  const logLines = log.sort((a, b) => a.segment - b.segment || a.offset - b.offset).map((at) => journal.read(at));
  const archiveLines = archive.map(({ settledAt, gaveUp, position }) =>
    archiveLine(settledAt, gaveUp, journal.read(position)),
  );
  const known = new Set([...loaded.pendingLog.values()].flat());
  const knownArchive = new Set(loaded.pendingArchive);
  loaded.needs = null;
  try {
    // Counted at once: the next look at the folder may be too late to refuse what no longer fits.
    core.fileBytes += await loaded.log.append(logLines, (lines) => keepLogLines(lines, settings.logSize));
    core.fileBytes += await loaded.archive.append(archiveLines, (lines) =>
      keepArchiveLines(lines, settings, clock.now()),
    );
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
