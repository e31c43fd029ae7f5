import type { Random } from "../../nodes/lib/time/clock";
import { oneOf } from "../fixtures/seeded-random";
import type { Answer } from "./health-model";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time in which a receiver answers some requests otherwise than it should. */
interface Trouble {
  from: number;
  to: number;
  answers: readonly Answer[];
  /** Share of the requests that meet it, 0 to 1. */
  share: (at: number) => number;
}

export const CHARACTERS = [
  "busy",
  "healthy",
  "outages",
  "flapping",
  "low traffic",
  "weekends only",
  "slow decay",
  "gone for good",
  "slow",
  "rate limited",
] as const;
export type Character = (typeof CHARACTERS)[number];

const PER_DAY: Readonly<Record<Character, number>> = {
  busy: 10,
  healthy: 3,
  outages: 3,
  flapping: 4,
  "low traffic": 0.3,
  "weekends only": 4,
  "slow decay": 3,
  "gone for good": 2,
  slow: 3,
  "rate limited": 4,
};

const OUTAGES = [10 * MINUTE, 2 * HOUR, 12 * HOUR, 30 * HOUR, 4 * DAY, 6.9 * DAY, 9 * DAY, 20 * DAY];
const OUTAGE_ANSWERS: readonly (readonly Answer[])[] = [["5xx"], ["none"], ["4xx"], ["5xx", "none"], ["3xx"]];

/** Who is at the other end, as a script with chance in it. */
export class Receiver {
  readonly #random: Random;
  readonly #troubles: Trouble[] = [];

  constructor(
    readonly character: Character,
    from: number,
    to: number,
    random: Random,
  ) {
    this.#random = random;
    this.#plan(from, to);
  }

  answer(at: number): Answer {
    for (const { from, to, answers, share } of this.#troubles) {
      if (from <= at && at < to && this.#random() < share(at)) return oneOf(answers, this.#random);
    }
    return this.#random() < 0.004 ? oneOf(["5xx", "none", "429"], this.#random) : "2xx";
  }

  /** Someone finds out what is wrong and puts it right. */
  mend(at: number): void {
    for (const trouble of this.#troubles) {
      if (trouble.from <= at && at < trouble.to) trouble.to = at;
    }
  }

  /** Nothing goes wrong any more. */
  mendForGood(): void {
    this.#troubles.length = 0;
  }

  /** When the next comment is made after one at `at`, ms. */
  nextComment(at: number): number {
    const gap = (-Math.log(1 - this.#random()) * DAY) / PER_DAY[this.character];
    let next = at + Math.max(1, Math.round(gap));
    while (this.character === "weekends only" && ![0, 6].includes(new Date(next).getUTCDay())) next += DAY;
    return next;
  }

  #plan(from: number, to: number): void {
    const random = this.#random;
    const span = to - from;
    const any = () => from + Math.floor(random() * span);
    const outage = (at: number, length: number) => {
      this.#trouble(at, at + length, oneOf(OUTAGE_ANSWERS, random), 1);
    };
    switch (this.character) {
      case "busy":
      case "outages":
      case "low traffic":
      case "weekends only":
        for (let at = any(); at < to; at += 20 * DAY + random() * 60 * DAY) outage(at, oneOf(OUTAGES, random));
        break;
      case "flapping":
        for (let at = from + random() * 30 * DAY; at < to; at += random() * 25 * DAY) {
          const until = at + random() * 20 * DAY;
          for (; at < until; at += random() * 12 * HOUR) outage(at, random() * 30 * HOUR);
        }
        break;
      case "slow decay":
        this.#troubles.push({
          ...{ from, to, answers: ["5xx", "none", "4xx"] },
          share: (at) => Math.min(1, (1.1 * (at - from)) / span),
        });
        break;
      case "gone for good":
        this.#trouble(any(), to, ["fatal"], 1);
        this.#trouble(any(), to, ["fatal", "4xx"], 1);
        break;
      case "slow":
        for (let at = any(); at < to; at += 40 * DAY) this.#trouble(at, at + 10 * DAY, ["none"], 0.3 + 0.7 * random());
        break;
      case "rate limited":
        for (let at = any(); at < to; at += 25 * DAY) this.#trouble(at, at + 8 * DAY, ["429", "4xx"], 0.95);
        break;
      case "healthy":
        break;
    }
  }

  #trouble(from: number, to: number, answers: readonly Answer[], share: number): void {
    this.#troubles.push({ from, to, answers, share: () => share });
  }
}
