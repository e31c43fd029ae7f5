import type { Node, NodeAPI, NodeDef } from "node-red";
import { InvalidFieldsError } from "../lib/validation/invalid-fields-error";
import { asError, onInput } from "./input";
import { migrate } from "./migrate";

const SHOWN_CHARACTERS = 100;

/**
 * Reads a node's properties, brought up to the present version. If they are wrong the node says so, in the log and in its
 * status, and refuses its messages with the same error, for Catch nodes.
 *
 * @param read throws what is to be said, e.g. an InvalidFieldsError
 */
export function configured<Settings>(
  RED: NodeAPI,
  node: Node,
  config: NodeDef,
  read: (properties: Readonly<Record<string, unknown>>) => Settings,
): Settings | undefined {
  try {
    const settings = read(migrate(node.type, { ...config }));
    // What was wrong before a deploy is not any more; nobody else may have anything to say for a while.
    node.status({});
    return settings;
  } catch (thrown) {
    const error = namingUnset(asError(thrown));
    misconfigured(RED, node, error);
    onInput(node, () => {
      throw error;
    });
    return undefined;
  }
}

/** How an error shows a whole value that refers to a variable. */
const REFERENCE = /^"\$\{([^{}"]+)\}"$/;

/** Node-RED leaves a reference to a variable that is not set as it stands: then that is what is wrong with the property. */
function namingUnset(error: Error): Error {
  if (!(error instanceof InvalidFieldsError)) return error;
  const fields = error.fields.map((field) => {
    const name = REFERENCE.exec(field.value)?.[1];
    if (name === undefined || field.expected.includes("is not set")) return field;
    return { ...field, expected: `${field.expected}, but the environment variable ${name} is not set` };
  });
  return new InvalidFieldsError(error.subject, fields);
}

/** Says in the log and in the status that a node cannot work as it is configured. */
export function misconfigured(RED: NodeAPI, node: Node, error: Error): void {
  node.error(error.message);
  const problem = error.message.slice(0, SHOWN_CHARACTERS);
  node.status({ fill: "red", shape: "ring", text: RED._(`${node.type}.status.misconfigured`, { problem }) });
}
