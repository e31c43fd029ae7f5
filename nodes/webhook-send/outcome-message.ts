import type { NodeMessage } from "node-red";
import { deliveryMessage } from "../host/delivery-message";
import type { DeliveryReport } from "../lib/delivery/report";

/** Which of webhook-send's ports an outcome leaves through. */
const PORTS: Readonly<Record<DeliveryReport["result"], 0 | 1 | 2>> = { delivered: 0, retrying: 1, "given-up": 2 };

/** An outcome as an array for `node.send`. Made only of what was stored: the message itself may be long gone. */
export function outcomeMessages(report: DeliveryReport): (NodeMessage | null)[] {
  const messages: (NodeMessage | null)[] = [null, null, null];
  messages[PORTS[report.result]] = outcomeMessage(report);
  return messages;
}

function outcomeMessage(report: DeliveryReport): NodeMessage {
  const { origin, integration, id, event, orderKey, body } = report.delivery;
  const message: NodeMessage = { ...origin.carry, _msgid: origin.msgid };
  if (origin.topic !== undefined) Object.assign(message, { topic: origin.topic });
  // A delivery that will be retried has not ended: its place in the sequence is still to be taken.
  if (origin.parts !== undefined && report.result !== "retrying") message.parts = origin.parts;
  message.payload = report.attempt?.responseBody ?? "";
  message.webhook = { id, event, integration, orderKey, body: JSON.parse(body) };
  message.delivery = deliveryMessage(report);
  return message;
}
