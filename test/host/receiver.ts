import { EventEmitter, once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  path: string;
  headers: Record<string, string>;
  body: string;
}

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A receiver of webhooks on a real socket. What it answers can be changed at any time. */
export class Receiver {
  readonly #server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      this.#received.push({
        path: request.url ?? "",
        headers: Object.fromEntries(headers),
        body: Buffer.concat(chunks).toString("utf8"),
      });
      this.#arrivals.emit("request");
      this.#answer(request, response);
    });
  });
  readonly #arrivals = new EventEmitter();
  readonly #received: ReceivedRequest[] = [];
  #answer: Answer = (_request, response) => response.end("thanks");

  static async listen(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`;
  }

  /** Requests that came and were not taken yet. */
  get requests(): readonly ReceivedRequest[] {
    return this.#received;
  }

  answerWith(statusCode: number, body = "", headers: http.OutgoingHttpHeaders = {}): void {
    this.#answer = (_request, response) => response.writeHead(statusCode, headers).end(body);
  }

  /** Leaves requests unanswered until the returned function answers them. */
  hold(): (statusCode: number) => void {
    const held: http.ServerResponse[] = [];
    this.#answer = (_request, response) => held.push(response);
    return (statusCode) => {
      this.answerWith(statusCode);
      for (const response of held) response.writeHead(statusCode).end();
    };
  }

  /** Takes the next request; waits for it. */
  async next(): Promise<ReceivedRequest> {
    for (;;) {
      const request = this.#received.shift();
      if (request !== undefined) return request;
      await once(this.#arrivals, "request");
    }
  }

  reset(): void {
    this.#received.length = 0;
    this.answerWith(200, "thanks");
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
