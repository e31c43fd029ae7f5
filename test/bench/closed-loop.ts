import { performance } from "node:perf_hooks";

/** How a number of deliveries went. */
export interface Lap {
  perSecond: number;
  /** From the moment at which one was begun until its outcome was known. */
  medianMs: number;
}

/** Begins a delivery; the returned promise settles when its outcome is known. */
export type Deliver = () => Promise<void>;

/** Makes `count` deliveries, always `inFlight` at a time: the next begins when one has ended. */
export function closedLoop(count: number, inFlight: number, deliver: Deliver): Promise<Lap> {
  return new Promise((resolve, reject) => {
    const times = new Float64Array(count);
    let begun = 0;
    let ended = 0;
    const startedAt = performance.now();
    const next = () => {
      if (begun === count) return;
      const index = begun++;
      const begunAt = performance.now();
      deliver().then(() => {
        const now = performance.now();
        times[index] = now - begunAt;
        ended++;
        if (ended < count) next();
        else resolve({ perSecond: (count * 1_000) / (now - startedAt), medianMs: medianOf(times) });
      }, reject);
    };
    for (let started = Math.min(inFlight, count); started > 0; started--) next();
  });
}

/** The middle one, or the mean of the two in the middle. */
export function medianOf(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
