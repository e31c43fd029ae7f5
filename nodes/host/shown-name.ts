import { oneLine } from "../lib/notify/display-text";

/** The editor has room for about 40 characters of a status. */
const LONGEST = 24;

/** An integration's name, or its id, as short as it may stand in a status. */
export function shownName(name: string): string {
  return oneLine(name, LONGEST);
}
