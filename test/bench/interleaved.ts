import { type Lap, medianOf } from "./closed-loop";
import type { Workbench } from "./workbench";

/** How the peers did, round by round. */
export type Laps<Name extends string> = Record<Name, Lap[]>;

/** Rounds that come before those that count: until code is compiled and connections stand. */
const WARM_UP_ROUNDS = 2;

/**
 * Lets each peer have a lap in each round, each time in another order, so that what else the machine does meets them
 * alike.
 */
export async function interleaved<Name extends string>(
  bench: Workbench,
  peers: Record<Name, () => Promise<Lap>>,
): Promise<Laps<Name>> {
  const names = Object.keys(peers) as Name[];
  const laps = Object.fromEntries(names.map((name) => [name, [] as Lap[]])) as Laps<Name>;
  for (let round = -WARM_UP_ROUNDS; round < bench.settings.rounds; round++) {
    const said: string[] = [];
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + WARM_UP_ROUNDS) % names.length] as Name;
      const lap = await peers[name]();
      if (round >= 0) laps[name].push(lap);
      said.push(`${name} ${lap.perSecond.toFixed(0)}/s ${lap.medianMs.toFixed(2)} ms`);
    }
    bench.say(`  ${round < 0 ? "warm-up" : `round ${round + 1}`}: ${said.join(", ")}`);
  }
  return laps;
}

/** The median of the ratios of each round: what slows a whole round down does not change it. */
export function ratio(above: readonly Lap[], below: readonly Lap[], of: keyof Lap): number {
  return medianOf(above.map((lap, round) => lap[of] / (below[round]?.[of] ?? Number.NaN)));
}

/** The median rate, for a detail. */
export function rate(laps: readonly Lap[]): string {
  return `${Math.round(medianOf(laps.map(({ perSecond }) => perSecond))).toLocaleString("en")}/s`;
}

/** The median of the median times, for a detail. */
export function time(laps: readonly Lap[]): string {
  return `${medianOf(laps.map(({ medianMs }) => medianMs)).toFixed(2)} ms`;
}
