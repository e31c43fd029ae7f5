import { hash } from "node:crypto";
import type { Attempt } from "../../delivery/attempt";
import { afterAttempt, OPEN, type PauseState } from "../../delivery/pause";
import type { IntegrationState } from "../../health/integration-ledger";
import { applyTransition, freshState, recordOutcome } from "../../health/integration-state";
import type { SealedIntegration } from "../../integration/integration-spec";
import { isPlainObject } from "../../validation/plain-object";
import type { NumberedEntry, SettleEntry } from "./journal-entry";

/** Settled webhook ids that are remembered per integration, so that a second copy is not sent. */
const REMEMBERED_IDS = 1_000;
/** Attempts of other senders that are remembered, so that none is counted twice. */
const REMEMBERED_FOREIGN = 200;

/** What is kept of one integration in its own lowdb file. Plain JSON. */
export interface IntegrationDocument {
  format: 1;
  /** Number of the last journal entry that is in here. */
  through: number;
  state: IntegrationState;
  /** The latest settings of an integration given in messages, or null. */
  settings: SealedIntegration | null;
  pause: PauseState;
  lastFailure: Attempt | null;
  /** Marks of settled webhook ids, oldest first. */
  settled: string[];
  /** Attempt ids of other senders, oldest first. */
  foreign: string[];
}

export function emptyDocument(integration: string, now: number): IntegrationDocument {
  return {
    format: 1,
    through: 0,
    state: freshState(integration, now),
    settings: null,
    pause: OPEN,
    lastFailure: null,
    settled: [],
    foreign: [],
  };
}

export function isIntegrationDocument(value: unknown): value is IntegrationDocument {
  if (!isPlainObject(value) || value.format !== 1 || !Number.isSafeInteger(value.through)) return false;
  const { state, pause, settled, foreign } = value;
  if (!isPlainObject(state) || !isPlainObject(pause) || !Array.isArray(settled) || !Array.isArray(foreign))
    return false;
  const lists = [state.groups, state.transitions, state.audit];
  return typeof state.integration === "string" && isPlainObject(state.history) && lists.every(Array.isArray);
}

/** A webhook id in 8 characters: 48 bits tell a thousand ids apart. */
export function markOf(id: string): string {
  return hash("sha1", id, "base64").slice(0, 8);
}

/**
 * What a journal entry does to a document. A function of the two alone, so that reading the journal again after a crash
 * gives what was there before. Entries that the document already has are passed over: each counts once.
 *
 * @returns whether the entry was new to it
 */
export function applyToIntegration(document: IntegrationDocument, entry: NumberedEntry): boolean {
  if (entry.n <= document.through) return false;
  document.through = entry.n;
  switch (entry.t) {
    case "accept":
    case "keep":
      if (entry.settings !== undefined) document.settings = entry.settings;
      break;
    case "settle":
      applySettlement(document, entry);
      break;
    case "foreign":
      remember(document.foreign, entry.attempt.attemptId, REMEMBERED_FOREIGN);
      recordOutcome(document.state, { ...entry.attempt, attempt: 1 }, entry.at, {
        counted: entry.attempt.outcome !== null,
        network: entry.network,
      });
      if (isFailure(entry.attempt)) document.lastFailure = { ...entry.attempt, attempt: 1 };
      break;
    case "transition": {
      // Of a document that was made anew from a copy of the status.
      if (entry.transition.sequence <= document.state.revision) break;
      const { generation } = document.state;
      applyTransition(document.state, entry.transition);
      if (document.state.generation !== generation) document.pause = OPEN;
      break;
    }
    case "notices": {
      const told = document.state.transitions.find(({ sequence }) => sequence === entry.sequence);
      if (told !== undefined) told.notified = true;
      break;
    }
  }
  return true;
}

function applySettlement(
  document: IntegrationDocument,
  { id, kind, generation, attempt, next, at, network }: SettleEntry,
): void {
  if (next.state !== "retry") remember(document.settled, markOf(id), REMEMBERED_IDS);
  if (attempt === null || kind === "test") return;
  if (attempt.outcome !== null) document.pause = afterAttempt(document.pause, attempt.outcome === "success", at);
  if (kind !== "event" || generation !== document.state.generation) return;
  recordOutcome(document.state, attempt, at, { counted: attempt.outcome !== null, network });
  if (isFailure(attempt)) document.lastFailure = attempt;
}

function isFailure({ outcome }: Pick<Attempt, "outcome">): boolean {
  return outcome !== null && outcome !== "success";
}

function remember(list: string[], item: string, most: number): void {
  list.push(item);
  // Cut in one go now and then: moving a thousand strings at each settlement would cost more than the settlement.
  if (list.length >= most * 2) list.splice(0, list.length - most);
}
