import type { NodeMessage } from "node-red";
import { refusedCommand } from "../host/command-target";

/** What a message can ask of integration-health-check. */
export interface HealthCommand {
  /** An id or a slug. */
  integration: string;
  topic: "enable" | "disable" | "test-and-enable";
  /** Who it was, as audit and mails name them. */
  by: string;
}

const LONGEST_NAME = 80;
const SOMEONE = "a flow message";

/**
 * A command is a message with `msg.integration` and without `msg.delivery`. Null if it is none.
 *
 * @throws InvalidFieldsError if it is one and its topic is wrong
 */
export function readHealthCommand(msg: NodeMessage): HealthCommand | null {
  const { integration, topic, delivery, by } = msg;
  if (integration === undefined || delivery !== undefined) return null;
  if (typeof integration !== "string" || integration === "") {
    throw refusedCommand("msg.integration", integration, "an integration's id or slug");
  }
  switch (topic) {
    case "enable":
    case "disable":
    case "test-and-enable":
      return { integration, topic, by: nameOf(by) };
    default:
      throw refusedCommand("msg.topic", topic, '"enable", "disable" or "test-and-enable"');
  }
}

/** A name on one line, as far as there is one. */
export function nameOf(by: unknown): string {
  if (typeof by !== "string") return SOMEONE;
  return (
    by
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
      .trim()
      .slice(0, LONGEST_NAME) || SOMEONE
  );
}
