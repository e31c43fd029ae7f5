import { EmbeddedRuntime } from "./embedded-runtime";
import { Receiver } from "./receiver";

export interface Started {
  runtime: EmbeddedRuntime;
  receiver: Receiver;
}

/**
 * Starts a runtime and a receiver for the tests of the enclosing `describe`. Each test finds nothing of what came to the
 * ones before; what they deployed still runs.
 *
 * @param onStart called each time that one of them is another
 * @returns what starts a runtime anew in place of one that was left
 */
export function useRuntimeAndReceiver(onStart: (started: Started) => void): () => Promise<void> {
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
  return async () => {
    started = { ...started, runtime: await EmbeddedRuntime.start({}, started.runtime.userDir) };
    onStart(started);
  };
}
