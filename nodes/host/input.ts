import type { Node, NodeMessage, NodeMessageInFlow } from "node-red";

export type Send = (message: NodeMessage | (NodeMessage | NodeMessage[] | null)[]) => void;

/**
 * Handles a node's messages: `done()` when the handler has finished, `done(error)` for Catch nodes when it fails, whether
 * it throws or rejects.
 */
export function onInput(node: Node, handle: (msg: NodeMessageInFlow, send: Send) => void | Promise<void>): void {
  const run = async (msg: NodeMessageInFlow, send: Send, done: (error?: Error) => void) => {
    // A copy that Node-RED fails to make leaves the message without the two.
    const { req, res } = msg;
    const end = (error?: Error) => {
      try {
        done(error);
      } catch (failure) {
        node.error(error ?? failure, { ...withoutDepth(msg), ...(req !== undefined && { req, res }) });
      }
    };
    try {
      await handle(msg, send);
    } catch (error) {
      end(asError(error));
      return;
    }
    end();
  };
  node.on("input", (msg, send, done) => {
    run(msg, send, done).catch((error: unknown) => node.error(error));
  });
}

/**
 * What of a message Node-RED can copy for Catch and Complete nodes in any case: it fails on what is nested thousands of
 * levels deep, as whoever posts JSON can make it, and would leave the request without an answer.
 */
function withoutDepth(msg: NodeMessageInFlow): NodeMessage {
  return Object.fromEntries(Object.entries(msg).filter(([, value]) => Object(value) !== value));
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
