import { DeliveryEngine } from "../lib/delivery/delivery-engine";
import type { IntegrationDirectory } from "../lib/delivery/integration-directory";
import { createTransport } from "../lib/delivery/undici-transport";
import { StatusBoard } from "../lib/health/status-board";
import { openStore } from "../lib/store/open-store";
import type { Store, StoreSettings } from "../lib/store/store";
import { systemClock } from "../lib/time/clock";
import type { FlowCycle } from "./flow-cycle";
import { Outlets } from "./outlets";

/** All that works on one store: it belongs to the process, and nodes come and go. */
export interface Pipeline {
  readonly store: Store;
  readonly engine: DeliveryEngine;
  readonly outlets: Outlets;
  /** How its integrations stand. */
  readonly board: StatusBoard;
  /** Begins to send. */
  start(): void;
  /** Starts no new attempt, waits at most `graceMs` for those in flight and hands back the rest. */
  stop(graceMs: number): Promise<void>;
  /** Lets go of everything. */
  close(): Promise<void>;
}

export interface PipelinePlace {
  /** Folder of the store, absolute. */
  path: string;
  settings: StoreSettings;
  directory: IntegrationDirectory;
  cycle: FlowCycle;
}

/** Opens the store in a folder and puts an engine on it that does not send yet. Rejects as `openStore` does. */
export async function openPipeline({ path, settings, directory, cycle }: PipelinePlace): Promise<Pipeline> {
  const store = await openStore({ path, settings, clock: systemClock });
  const transport = createTransport();
  const engine = new DeliveryEngine({ store, directory, transport, clock: systemClock, random: Math.random });
  const outlets = new Outlets(engine, cycle);
  const board = new StatusBoard({ store, directory });
  return {
    store,
    engine,
    outlets,
    board,
    start() {
      engine.start();
      void board.start();
    },
    stop: (graceMs) => engine.stop(graceMs),
    async close() {
      outlets.close();
      board.stop();
      await transport.close();
      await store.close();
    },
  };
}
