import { EmbeddedRuntime } from "./embedded-runtime";
import { Receiver } from "./receiver";

export interface Started {
  runtime: EmbeddedRuntime;
  receiver: Receiver;
}

/**
 * Starts a runtime and a receiver for the tests of the enclosing `describe`. Each test finds nothing of what came to the
 * ones before; what they deployed still runs.
 */
export function useRuntimeAndReceiver(onStart: (started: Started) => void): void {
  let started: Started;
  before(async () => {
    started = { runtime: await EmbeddedRuntime.start(), receiver: await Receiver.listen() };
    onStart(started);
  });
  after(async () => {
    await started.runtime.stop();
    await started.receiver.close();
  });
  beforeEach(() => {
    started.runtime.forget();
    started.receiver.reset();
  });
}
