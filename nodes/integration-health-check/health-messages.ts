import type { NodeMessage } from "node-red";
import { changeOf } from "../lib/health/health-message";
import type { HealthStatus, Transition } from "../lib/health/integration-ledger";
import type { Finding } from "./health-check";

const UNCHANGED = 0;
const PORTS: Readonly<Record<HealthStatus, number>> = { "at-risk": 1, disabled: 2, active: 3 };
const PORT_COUNT = 4;

/**
 * A message for each change that was found, on its port; the message on port 1 if there was none. As an array for
 * `node.send`.
 *
 * @param copy makes another message of the same
 */
export function healthMessages(
  msg: NodeMessage,
  { health, news }: Omit<Finding, "state">,
  copy: (msg: NodeMessage) => NodeMessage,
): NodeMessage[][] {
  const ports: NodeMessage[][] = Array.from({ length: PORT_COUNT }, () => []);
  if (news.length === 0) ports[UNCHANGED]?.push({ ...msg, health });
  for (const [index, transition] of news.entries()) {
    const message = index === news.length - 1 ? { ...msg } : copy(msg);
    ports[PORTS[transition.to]]?.push({ ...message, health: { ...health, change: changeOf(transition) } });
  }
  return ports;
}

/** A message that tells a change again which was written before a restart, and may not have reached anyone. */
export function retoldMessages(
  integration: string,
  transition: Transition,
  { health }: Pick<Finding, "health">,
): NodeMessage[][] {
  return healthMessages({ integration }, { health, news: [transition] }, (msg) => msg);
}
