import type { Node, NodeMessage, NodeMessageInFlow } from "node-red";

export type Send = (message: NodeMessage | (NodeMessage | NodeMessage[] | null)[]) => void;

/**
 * Handles a node's messages: `done()` when the handler has finished, `done(error)` for Catch nodes when it fails, whether
 * it throws or rejects.
 */
export function onInput(node: Node, handle: (msg: NodeMessageInFlow, send: Send) => void | Promise<void>): void {
  const run = async (msg: NodeMessageInFlow, send: Send, done: (error?: Error) => void) => {
    try {
      await handle(msg, send);
    } catch (error) {
      done(asError(error));
      return;
    }
    done();
  };
  node.on("input", (msg, send, done) => {
    // What still fails here is a listener of done itself.
    run(msg, send, done).catch((error: unknown) => node.error(error));
  });
}

/** Closes a node; the runtime waits until the promise is settled. */
export function onClose(node: Node, close: (removed: boolean) => void | Promise<void>): void {
  const run = async (removed: boolean) => close(removed);
  node.on("close", (removed: boolean, done: () => void) => {
    run(removed).then(done, (error: unknown) => {
      node.error(error);
      done();
    });
  });
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
