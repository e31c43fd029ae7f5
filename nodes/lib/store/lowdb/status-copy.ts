import type { IntegrationState } from "../../health/integration-ledger";
import { startGeneration } from "../../health/record-attempt";
import type { SealedIntegration } from "../../integration/integration-spec";
import { isPlainObject } from "../../validation/plain-object";
import type { IntegrationDocument } from "./integration-document";

/** What only transitions change. */
type Standing = Omit<IntegrationState, "history" | "groups">;

/**
 * What must not be lost with an integration's file: whether it may be sent to, and why, and the settings of one given in
 * messages. Kept in a small file of its own that is rarely written, so that the two are not damaged at the same moment.
 */
export interface StatusCopy {
  format: 1;
  standing: Standing;
  settings: SealedIntegration | null;
}

/** A picture of this moment. */
export function statusCopyOf({ state, settings }: IntegrationDocument): StatusCopy {
  const { history: _, groups: __, ...standing } = state;
  return structuredClone({ format: 1, standing, settings });
}

/** Whether a copy tells of transitions that a document does not have: their lines in the journal were lost. */
export function isNewer({ standing }: StatusCopy, { state }: IntegrationDocument): boolean {
  return standing.revision > state.revision || standing.generation > state.generation;
}

/** Gives a document the status that a copy has; what was counted before it stays for charts. */
export function adoptStatus(document: IntegrationDocument, { standing, settings }: StatusCopy): void {
  const { history, groups } = document.state;
  document.state = { ...structuredClone(standing), history, groups };
  document.settings ??= settings;
  if (history.generation !== standing.generation) startGeneration(history, standing.generation);
}

export function isStatusCopy(value: unknown): value is StatusCopy {
  if (!isPlainObject(value) || value.format !== 1) return false;
  const { standing, settings } = value;
  if (!isPlainObject(standing) || !(settings === null || isPlainObject(settings))) return false;
  const { integration, status, transitions, audit } = standing;
  const numbers = [standing.since, standing.generation, standing.revision];
  return (
    typeof integration === "string" &&
    ["active", "at-risk", "disabled"].includes(String(status)) &&
    numbers.every(Number.isFinite) &&
    Array.isArray(transitions) &&
    Array.isArray(audit)
  );
}
