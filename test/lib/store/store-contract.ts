import type { StoreSettings } from "../../../nodes/lib/store/store";
import { describeAccepting } from "./contract/accepting";
import { describeClaiming } from "./contract/claiming";
import { describeCounting } from "./contract/counting";
import { describeHistory } from "./contract/history";
import { describeHolding } from "./contract/holding";
import { describeLocalFailures } from "./contract/local-failures";
import { describeNotices } from "./contract/notices";
import { describePausing } from "./contract/pausing";
import { describeTransitions } from "./contract/transitions";
import type { StorePlace } from "./store-place";
import { type Between, StoreUnderTest } from "./store-under-test";

/** Runs a test on a fresh store and lets go of it, whatever the test did. */
export type OnStore = (
  work: (it: StoreUnderTest) => Promise<void>,
  settings?: Partial<StoreSettings>,
) => () => Promise<void>;

/**
 * The tests that every store passes: in one go, with the store closed and opened again between the steps of each test, and
 * with a crash there.
 */
export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
  const modes: [string, Between][] = [
    ["in one go", "nothing"],
    ["closed and opened again between steps", "re-opening"],
    ["after a crash between steps", "crash"],
  ];
  for (const [words, between] of modes) {
    const onStore: OnStore = (work, settings = {}) => {
      return async () => {
        const store = new StoreUnderTest(await makePlace(), between, settings);
        try {
          await store.open();
          await work(store);
        } finally {
          await store.end();
        }
      };
    };
    describe(`${name}, ${words}`, () => {
      describeAccepting(onStore);
      describeClaiming(onStore);
      describePausing(onStore);
      describeLocalFailures(onStore);
      describeHolding(onStore);
      describeCounting(onStore);
      describeHistory(onStore);
      describeTransitions(onStore);
      describeNotices(onStore);
    });
  }
}
