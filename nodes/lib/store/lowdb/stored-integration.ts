import { addToAudit, disableUnknown } from "../../health/integration-state";
import type { Damage } from "../store";
import { emptyDocument, type IntegrationDocument, isIntegrationDocument } from "./integration-document";
import { DamagedFileError, type ReplacedFile } from "./replaced-file";
import { adoptStatus, isNewer, isStatusCopy, type StatusCopy, statusCopyOf } from "./status-copy";

/** The two files in which the state of an integration is kept, for one moment the same. */
export interface StateFiles {
  state: ReplacedFile<IntegrationDocument>;
  status: ReplacedFile<StatusCopy>;
}

/** What these files were found to hold. */
export interface StoredIntegration {
  /** With no more than the status of the copy if `state.json` is damaged, and empty if it is not there. */
  document: IntegrationDocument;
  copy: StatusCopy | null;
  stateError: DamagedFileError | null;
  copyError: DamagedFileError | null;
}

/** Rejects with UnreadableFileError if one of the files is there and cannot be read now. */
export async function readIntegration(
  integration: string,
  { state, status }: StateFiles,
  now: number,
): Promise<StoredIntegration> {
  const [found, foundCopy] = await Promise.all([
    contentOf(state, isIntegrationDocument),
    contentOf(status, isStatusCopy),
  ]);
  const copy = foundCopy.content;
  const document = found.content ?? emptyDocument(integration, now);
  if (found.error !== null && copy !== null) adoptStatus(document, copy);
  return { document, copy, stateError: found.error, copyError: foundCopy.error };
}

/**
 * Sets right what the files do not tell any more, when all that the journal tells has been applied to the document: nothing
 * may be sent to an integration that had been disabled. Damaged files are kept aside.
 *
 * @returns null if all was right; else what is to be told, and whether `status.json` has the status as it is now
 */
export async function setRight(
  { document, copy, stateError, copyError }: StoredIntegration,
  { state, status }: StateFiles,
  now: number,
): Promise<{ damages: Damage[]; isKept: boolean } | null> {
  const isBehind = copy !== null && isNewer(copy, document);
  if (isBehind) adoptStatus(document, copy);
  if (!isBehind && stateError === null && copyError === null) return null;
  const consequence = stateError === null ? "" : lose(document, copy, now);
  const damages: Damage[] = [];
  if (copyError !== null) {
    const said = stateError === null ? "Nothing is lost: it is a copy." : consequence;
    damages.push(damage(copyError, await status.keepAside(now), said));
  }
  // First: if it is cut off here, the next start finds the other damaged once more, or this.
  const isKept = await status.write(statusCopyOf(document)).then(
    () => true,
    () => false,
  );
  if (stateError !== null) {
    if (!isKept) state.keepAsideAtWrite(now);
    damages.push(damage(stateError, isKept ? await state.keepAside(now) : state.path, consequence));
  }
  return { damages, isKept };
}

/** Notes in a document what was lost with its file. Returns that in words. */
function lose({ state }: IntegrationDocument, copy: StatusCopy | null, now: number): string {
  const { integration, status, revision } = state;
  const lost = `Counts, streaks and groups of failures of integration ${JSON.stringify(integration)} begin anew, and a webhook that was delivered may be sent again if it comes again.`;
  if (copy !== null || revision > 0) {
    const detail = `Its file was damaged. ${lost} It is ${status}, as before.`;
    addToAudit(state, { at: now, action: "damaged", by: "the store", detail });
    return `${lost} It is ${status}, as before.`;
  }
  const held =
    "Nobody knows any more whether it was disabled, so it is now: what comes for it waits until you enable it. To enable it, press the button in its dialog, or send the command enable to an integration health check.";
  disableUnknown(state, now, `Its file was damaged. ${lost} ${held}`);
  return `${lost} ${held}`;
}

function damage({ file, problem }: DamagedFileError, keptAs: string, consequence: string): Damage {
  return { file, keptAs, problem, consequence };
}

async function contentOf<T>(
  file: ReplacedFile<T>,
  isRight: (value: unknown) => value is T,
): Promise<{ content: T | null; error: DamagedFileError | null }> {
  try {
    const content: unknown = await file.read();
    if (content === null || isRight(content)) return { content, error: null };
    return { content: null, error: new DamagedFileError(file.path, "it is not the state of an integration") };
  } catch (error) {
    if (error instanceof DamagedFileError) return { content: null, error };
    throw error;
  }
}
