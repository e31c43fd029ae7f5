/** Where time comes from. Tests hand in their own, so that every rule can be tried on the exact edge. */
export interface Clock {
  /** Milliseconds since the Unix epoch, as `Date.now()`. */
  now(): number;
  /** Calls `callback` once after `delayMs` milliseconds; the returned function cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** `setTimeout` takes at most this many milliseconds; a longer wait fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), LONGEST_TIMEOUT_MS));
    return () => clearTimeout(timer);
  },
};

/** A number in [0, 1), as `Math.random()`. Handed in wherever chance plays a part. */
export type Random = () => number;
