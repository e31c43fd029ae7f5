import type { Store, StoreSettings } from "../../../nodes/lib/store/store";
import type { Clock, Random } from "../../../nodes/lib/time/clock";

export interface PlaceOptions {
  settings: Partial<StoreSettings>;
  clock: Clock;
  random: Random;
}

/** Where a store under test keeps its state: it can be opened again there, or as a crash at this moment would leave it. */
export interface StorePlace {
  open(options: PlaceOptions): Promise<Store>;
  /** A copy of what is there now, taken without the store's knowledge. */
  afterCrash(): Promise<StorePlace>;
  remove(): Promise<void>;
}
