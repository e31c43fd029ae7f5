/** Time of day on the machine's clock, as the editor's user reads it: `"14:05"`. */
export function clockTime(timeMs: number): string {
  return new Date(timeMs).toTimeString().slice(0, 5);
}
