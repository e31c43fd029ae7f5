import type { Dispatcher } from "undici";
import { AttemptFailure } from "./attempt-failure";
import type { AnswerHeaders } from "./classify";

/** Bytes of an answer that are read. The rest is cut off: what the receiver means is in the status and the headers. */
export const LARGEST_ANSWER_BYTES = 64 * 1024;
/** Bytes kept for the log: 1,024 characters of four bytes each, and what may belong to the last. */
const KEPT_BYTES = 4_352;
/** Interim answers (1xx) before the real one. */
const MOST_INTERIM_ANSWERS = 10;

const ABANDONED = new Error("the attempt is over");

/** Reads the answer to one request, up to the limits above, and tells once how it ended. */
export class Answer implements Dispatcher.DispatchHandler {
  /** 0 until the answer begins. */
  statusCode = 0;
  headers: AnswerHeaders = {};
  /** Whether the request went out. */
  isSent = false;
  /** Whether anything was answered. */
  isAnswered = false;

  #controller: Dispatcher.DispatchController | null = null;
  #onEnd: ((error: unknown) => void) | null;
  #interim = 0;
  #bytes = 0;
  #kept: Buffer[] = [];
  #keptBytes = 0;

  /** @param onEnd called once, with null after a whole answer, or as much of it as is read, or with an error */
  constructor(onEnd: (error: unknown) => void) {
    this.#onEnd = onEnd;
  }

  /** The beginning of the body as it came, at most {@link KEPT_BYTES} bytes and what is left of the last piece. */
  body(): Buffer {
    const [first] = this.#kept;
    return this.#kept.length === 1 && first !== undefined ? first : Buffer.concat(this.#kept);
  }

  /** Ends the exchange, if it goes on: the connection is closed, or the request never sent. Null ends it well. */
  end(error: unknown): void {
    const onEnd = this.#onEnd;
    if (onEnd === null) return;
    this.#onEnd = null;
    this.#controller?.abort(ABANDONED);
    onEnd(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#onEnd === null) {
      controller.abort(ABANDONED);
      return;
    }
    this.#controller = controller;
    this.isSent = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, statusCode: number, headers: AnswerHeaders): void {
    this.isAnswered = true;
    if (statusCode >= 200) {
      this.statusCode = statusCode;
      this.headers = headers;
    } else if (++this.#interim > MOST_INTERIM_ANSWERS) {
      this.end(new AttemptFailure("bad-response"));
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#keptBytes < KEPT_BYTES) {
      this.#kept.push(chunk.subarray(0, KEPT_BYTES - this.#keptBytes));
      this.#keptBytes += chunk.length;
    }
    if (this.#bytes > LARGEST_ANSWER_BYTES) this.end(null);
  }

  onResponseEnd(): void {
    this.#controller = null;
    this.end(null);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#controller = null;
    this.end(error);
  }
}
