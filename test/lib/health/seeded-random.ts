import type { Random } from "../../../nodes/lib/time/clock";

/** Chance that is the same in every run: a 32-bit generator by Marsaglia (xorshift). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
