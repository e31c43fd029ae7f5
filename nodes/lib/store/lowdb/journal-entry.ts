import { crc32 } from "node:zlib";
import type { Attempt, DeliveryKind } from "../../delivery/attempt";
import type { Next, StoredDelivery } from "../../delivery/outbox";
import type { ForeignAttempt, Transition } from "../../health/integration-ledger";
import type { NetworkFacts } from "../../health/network-watch";
import type { SealedIntegration, WebhookEventType } from "../../integration/integration-spec";
import type { MailClaim, Notice, NoticeResult } from "../../notify/mail-queue";

/** A delivery without its body, which stands behind it in the line. */
export type DeliveryHead = Omit<StoredDelivery, "body">;

/** A delivery was accepted (`accept`), or moved forward as it stands (`keep`) so that an old segment can go. */
export interface AcceptEntry {
  t: "accept" | "keep";
  i: string;
  d: DeliveryHead & { dueAt: number };
  /** Of a `keep`: the number of the entry that accepted it, since order goes by that. */
  sequence?: number;
  settings?: SealedIntegration;
}

/** An attempt ended, or a delivery was given up without one. */
export interface SettleEntry {
  t: "settle";
  i: string;
  at: number;
  id: string;
  event: WebhookEventType;
  kind: DeliveryKind;
  generation: number;
  attempt: Attempt | null;
  next: Next;
  /** What was known of our own network, if it decides what is held against the integration. */
  network?: NetworkFacts | undefined;
}

/** An attempt of another sender. */
export interface ForeignEntry {
  t: "foreign";
  i: string;
  at: number;
  attempt: ForeignAttempt;
  /** As with {@link SettleEntry}. */
  network?: NetworkFacts | undefined;
}

export interface TransitionEntry {
  t: "transition";
  i: string;
  /** When the integration had been disabled, if it is enabled by this. */
  heldSince: number | null;
  transition: Transition;
}

/** Notices were queued for a transition of `i`. */
export interface NoticesEntry {
  t: "notices";
  i: string;
  at: number;
  sequence: number;
  notices: Notice[];
}

export interface NoticeResultEntry {
  t: "noticeResult";
  at: number;
  claims: MailClaim[];
  result: NoticeResult;
}

/** One line of the journal: all of it happens, or nothing. */
export type JournalEntry =
  | AcceptEntry
  | SettleEntry
  | ForeignEntry
  | TransitionEntry
  | NoticesEntry
  | NoticeResultEntry;

/** An entry as it stands in the journal: numbered, with the body of a delivery if it has one. */
export type NumberedEntry = JournalEntry & { n: number };

/** How every line begins; behind it stands the checksum of all that follows, so that a bit that flipped is noticed. */
export const LINE_START = '{"crc":"';
const CHECKSUM_LENGTH = 8;
const CHECKED_FROM = LINE_START.length + CHECKSUM_LENGTH + '",'.length;
const BODY_LENGTH = '"bodyLength":';
const BODY = ',"body":';

/**
 * The line of an entry. A body is JSON text already and goes in as it is, last, so that the very bytes come out again;
 * how many UTF-16 code units it has stands first, so that the rest can be read without it.
 */
export function encodeEntry(entry: NumberedEntry, body?: string): string {
  const text = JSON.stringify(entry).slice(1, -1);
  const checked = body === undefined ? `${text}}` : `${BODY_LENGTH}${body.length},${text}${BODY}${body}}`;
  return `${LINE_START}${checksum(checked)}",${checked}`;
}

export interface DecodedLine {
  entry: NumberedEntry;
  /** The body's text, empty if the entry has none. */
  body: string;
}

/** Whether a line, or its bytes, is as it was written. */
export function isIntact(line: string | Buffer): boolean {
  const [start, checked] =
    typeof line === "string"
      ? [line.slice(0, CHECKED_FROM), line.slice(CHECKED_FROM)]
      : [line.toString("latin1", 0, CHECKED_FROM), line.subarray(CHECKED_FROM)];
  return start === `${LINE_START}${checksum(checked)}",`;
}

/** Throws a SyntaxError if the line is no entry, or not as it was written. */
export function decodeLine(line: string): DecodedLine {
  if (!isIntact(line)) throw new SyntaxError("its checksum is wrong");
  const value: unknown = JSON.parse(line);
  if (!isEntry(value)) throw new SyntaxError("not a journal entry");
  const { bodyLength } = value;
  return { entry: value, body: bodyLength === undefined ? "" : line.slice(-1 - bodyLength, -1) };
}

/**
 * The entry of an intact line whose body is not needed now: it may be large, and is not read. Throws a SyntaxError if the
 * rest is no entry.
 */
export function decodeEntry(line: string): NumberedEntry {
  const hasBody = line.startsWith(BODY_LENGTH, CHECKED_FROM);
  const value: unknown = JSON.parse(hasBody ? withoutBody(line) : line);
  if (!isEntry(value)) throw new SyntaxError("not a journal entry");
  return value;
}

function withoutBody(line: string): string {
  const lengthFrom = CHECKED_FROM + BODY_LENGTH.length;
  const start = line.indexOf(",", lengthFrom) + 1;
  const end = line.length - 1 - Number(line.slice(lengthFrom, start - 1)) - BODY.length;
  return `{${line.slice(start, end)}}`;
}

function isEntry(value: unknown): value is NumberedEntry & { bodyLength?: number } {
  if (typeof value !== "object" || value === null || !("n" in value) || !("t" in value)) return false;
  return Number.isInteger(value.n) && typeof value.t === "string";
}

function checksum(text: string | Buffer): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, "0");
}
