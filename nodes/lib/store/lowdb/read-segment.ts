import { isIntact, LINE_START } from "./journal-entry";
import { UnreadableFileError } from "./unreadable-file";

const NEWLINE = 10;
const BLANK = 32;

/** Takes a line, which stands at so many bytes and has so many. Throws if it makes no sense, or what it tells of cannot be read. */
export type OnLine = (line: string, offset: number, length: number) => void | Promise<void>;

export interface SegmentReading {
  /** Bytes up to the end of the last line that has one. */
  size: number;
  /** How many lines could not be read, and why the first of them could not; null if all could. */
  problem: string | null;
}

/**
 * Hands the lines in a segment's bytes to `onLine`, in order, also those between which an end of line is damaged. Those
 * that make no sense are blanked in `bytes`, so that the next reader does not stumble over them.
 *
 * @throws UnreadableFileError of `onLine`
 */
export async function readSegment(bytes: Buffer, onLine: OnLine): Promise<SegmentReading> {
  const problems: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    let end = bytes.indexOf(NEWLINE, start);
    const hasEnd = end !== -1;
    const taken = hasEnd ? take(bytes, start, end, onLine) : "it has no end";
    // Most lines are done at once; waiting for each would take longer than reading it.
    const why = taken instanceof Promise ? await taken : taken;
    if (why !== null) {
      const next = bytes.subarray(start + 1, hasEnd ? end : bytes.length).indexOf(LINE_START);
      if (next !== -1) end = start + next;
      else if (!hasEnd) end = bytes.length - 1;
      const onlyItsEnd = (next !== -1 || !hasEnd) && (await take(bytes, start, end, onLine)) === null;
      if (!onlyItsEnd && !hasEnd && next === -1) break;
      problems.push(`the line at byte ${start} cannot be read (${why})`);
      if (!onlyItsEnd) bytes.fill(BLANK, start, end);
      bytes[end] = NEWLINE;
    }
    start = end + 1;
  }
  const [first, ...more] = problems;
  if (first === undefined) return { size: start, problem: null };
  return { size: start, problem: more.length === 0 ? first : `${first}; so it is with ${more.length} more` };
}

/** Why the line makes no sense, or null. */
function take(bytes: Buffer, start: number, end: number, onLine: OnLine): string | null | Promise<string | null> {
  if (isBlank(bytes, start, end)) return null;
  if (!isIntact(bytes.subarray(start, end))) return "its checksum is wrong";
  try {
    const done = onLine(bytes.toString("utf8", start, end), start, end - start);
    return done === undefined ? null : done.then(() => null, senselessness);
  } catch (error) {
    return senselessness(error);
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] !== BLANK) return false;
  return true;
}

function senselessness(error: unknown): string {
  if (error instanceof UnreadableFileError) throw error;
  return error instanceof Error ? error.message : String(error);
}
