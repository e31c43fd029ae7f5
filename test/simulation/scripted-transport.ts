import { classifyAnswer } from "../../nodes/lib/delivery/classify";
import type { Transport, TransportResult } from "../../nodes/lib/delivery/transport";
import type { LiveIntegration } from "../../nodes/lib/integration/integration-spec";
import type { Random } from "../../nodes/lib/time/clock";
import type { OutgoingRequest } from "../../nodes/lib/wire/outgoing-request";
import { oneOf } from "../fixtures/seeded-random";
import type { Answer } from "./health-model";

/** A request on its way. */
export interface Call {
  integration: string;
  /** The webhook's id. */
  id: string;
  answer: (result: TransportResult) => void;
}

/** Hands requests to the script instead of a network. */
export class ScriptedTransport implements Transport {
  readonly #called: (call: Call) => void;

  constructor(called: (call: Call) => void) {
    this.#called = called;
  }

  send({ headers }: OutgoingRequest, { spec }: LiveIntegration): Promise<TransportResult> {
    const id = headers["webhook-id"] ?? headers["Request-ID"] ?? "";
    return new Promise((answer) => this.#called({ integration: spec.id, id, answer }));
  }

  forget(): void {}

  async close(): Promise<void> {}
}

const STATUS = {
  "2xx": [200, 201, 202, 204],
  "3xx": [301, 302, 304],
  "4xx": [400, 401, 403, 404, 408, 422],
  "429": [429],
  "5xx": [500, 502, 503, 504],
} as const;

/** One of the ways in which an answer may come. `"local"`: we never got as far as the receiver. */
export function resultOf(answer: Answer | "local", nowMs: number, random: Random): TransportResult {
  const nothing = { statusCode: 0, responseHeaders: {}, responseBody: "", retryAfterMs: null, abortMessage: false };
  if (answer === "local") return { ...nothing, outcome: null, reason: "local-network", fatalSignal: null };
  if (answer === "none") {
    const reason = oneOf(["timeout", "refused", "reset", "dns", "tls", "bad-response"] as const, random);
    return { ...nothing, outcome: "timeout", reason, fatalSignal: null };
  }
  const headers: Record<string, string> = {};
  let statusCode = 410;
  if (answer !== "fatal") {
    statusCode = oneOf<number>(STATUS[answer], random);
    if (answer === "429") headers["retry-after"] = "60";
  } else if (random() < 0.5) {
    statusCode = oneOf([200, 403, 500], random);
    headers["webhook-delivery"] = "disable";
  }
  return { ...nothing, statusCode, responseHeaders: headers, ...classifyAnswer(statusCode, headers, nowMs) };
}
