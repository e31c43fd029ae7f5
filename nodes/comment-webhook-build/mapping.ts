import type { Node, NodeAPI, NodeMessage } from "node-red";
import type { Clock } from "../lib/time/clock";

/** Maps a message to the plain form of a comment. Rejects if the expression fails, or takes too long. */
export type Mapping = (msg: NodeMessage) => Promise<unknown>;

const LONGEST_MS = 2_000;

/** JSONata calls this before it evaluates each part of an expression; its types know only names. */
const BEFORE_EACH_PART = Symbol.for("jsonata.__evaluate_entry");

interface Assignable {
  assign(name: string | symbol, value: unknown): void;
}

/** An expression could not be applied to a message. */
export class MappingError extends Error {
  override readonly name = "MappingError";
}

/**
 * A node's JSONata `mapping`.
 *
 * @throws MappingError if it is no expression
 */
export function mappingOf(RED: NodeAPI, node: Node, expression: string, clock: Clock): Mapping {
  const prepare = () => RED.util.prepareJSONataExpression(expression, node);
  try {
    if (expression.trim() === "") throw new Error("it is empty");
    prepare();
  } catch (error) {
    throw new MappingError(`mapping is not a JSONata expression: ${messageOf(error)}`);
  }
  return (msg) =>
    new Promise((resolve, reject) => {
      // Prepared for each message, since the guard belongs to one evaluation and several may be under way.
      const prepared = prepare();
      const guarded: Assignable = prepared;
      const until = clock.now() + LONGEST_MS;
      guarded.assign(BEFORE_EACH_PART, () => {
        if (clock.now() > until) throw new Error(`it took longer than ${LONGEST_MS} ms`);
      });
      RED.util.evaluateJSONataExpression(prepared, msg, (error: unknown, result: unknown) => {
        if (error) reject(new MappingError(`mapping failed: ${messageOf(error)}`));
        else resolve(result);
      });
    });
}

/** JSONata's errors are plain objects with a message. */
function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}
