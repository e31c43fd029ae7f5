import type { NodeMessage } from "node-red";
import type { CommentEvent, CommentSource } from "../lib/comment/comment-event";
import { readMappedComment } from "../lib/comment/custom-comment";
import { checkNesting, readPayload } from "../lib/comment/payload";
import { readComment } from "../lib/comment/read-comment";
import { readHeaders } from "../lib/comment/source-headers";
import { rawBodyOf, verifySource } from "../lib/comment/source-signature";
import type { Clock } from "../lib/time/clock";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";
import type { Mapping } from "./mapping";

/** Where comments come from and how they prove it. */
export interface Intake {
  source: CommentSource | "custom";
  /** For the source `custom`. */
  mapping: Mapping | null;
  /** Empty: nothing is verified. */
  sourceSecret: string;
  clock: Clock;
}

/**
 * Reads the comment event in a message; with a source secret only from a raw body whose signature is right.
 *
 * @throws SourceSignatureError, InvalidFieldsError or MappingError
 */
export async function incomingComment(msg: NodeMessage, intake: Intake): Promise<CommentEvent> {
  const { source, mapping, sourceSecret, clock } = intake;
  const headers = headersOf(msg);
  checkNesting(msg.payload);
  if (sourceSecret !== "") {
    const rawBody = rawBodyOf(msg.payload);
    verifySource({ rawBody, headers, source, secret: sourceSecret, nowMs: clock.now() });
  }
  if (source !== "custom" || mapping === null) {
    return readComment({ payload: msg.payload, headers }, source === "custom" ? "auto" : source);
  }
  // The raw body is for the signature; a mapping is written for what stands in it.
  const payload = sourceSecret === "" ? msg.payload : readPayload(msg.payload, readHeaders(headers));
  return readMappedComment(await mapping({ ...msg, payload }), headers);
}

/** `http in` leaves them in `msg.req`; flows that receive comments in other ways may set `msg.headers`. */
function headersOf(msg: NodeMessage): PlainObject {
  const { req, headers } = msg;
  if (isPlainObject(req) && isPlainObject(req.headers)) return req.headers;
  return isPlainObject(headers) ? headers : {};
}
