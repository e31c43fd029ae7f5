import { EventEmitter, once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface RelayedRequest {
  path: string;
  headers: Record<string, string>;
  /** The bytes as they came. */
  body: string;
}

/** Stands between the sender and a receiver, keeps each request as it came, and passes it on unchanged. */
export class RecordingRelay {
  /** All requests so far, in the order in which they came. */
  readonly requests: RelayedRequest[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #target: string;
  readonly #server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void this.#pass(request, Buffer.concat(chunks), response));
  });
  #hold: Promise<void> | null = null;

  private constructor(target: string) {
    this.#target = target;
  }

  static async to(target: string): Promise<RecordingRelay> {
    const relay = new RecordingRelay(target);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Passes nothing on until the returned function is called. */
  hold(): () => void {
    let letGo = () => {};
    this.#hold = new Promise((resolve) => {
      letGo = resolve;
    });
    return () => {
      this.#hold = null;
      letGo();
    };
  }

  /** Waits until `count` requests have come that fit. */
  async some(count: number, fits: (request: RelayedRequest) => boolean = () => true): Promise<RelayedRequest[]> {
    for (;;) {
      const found = this.requests.filter(fits);
      if (found.length >= count) return found;
      await once(this.#arrivals, "request");
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
    await once(this.#server, "close");
  }

  async #pass(request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    this.requests.push({ path, headers: Object.fromEntries(headers), body: body.toString("utf8") });
    this.#arrivals.emit("request");
    await this.#hold;
    const options = { method: "POST", headers: request.headers, agent: this.#agent };
    const passed = http.request(`${this.#target}${path}`, options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    // A receiver that hangs up is passed on as well.
    passed.on("error", () => request.socket.destroy());
    passed.end(body);
  }
}
