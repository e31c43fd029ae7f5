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
      end(msg, done, asError(error));
      return;
    }
    end(msg, done);
  };
  const end = (msg: NodeMessageInFlow, done: (error?: Error) => void, error?: Error) => {
    try {
      done(error);
    } catch (failure) {
      node.error(error ?? failure, withoutDepth(msg));
    }
  };
  node.on("input", (msg, send, done) => {
    run(msg, send, done).catch((error: unknown) => node.error(error));
  });
}

/**
 * A message of which Node-RED can make copies for Catch and Complete nodes: it fails on what is nested thousands of levels
 * deep, as whoever posts JSON can make it, and would leave the request without an answer.
 */
function withoutDepth(msg: NodeMessageInFlow): NodeMessage {
  const kept = Object.entries(msg).filter(([name, value]) => ["req", "res"].includes(name) || Object(value) !== value);
  return Object.fromEntries(kept);
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
