import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** Answers, by path, with 200, 500 or 410, and says all that it was sent: in the body, and in headers. */
export class EchoingReceiver {
  readonly #server: http.Server;

  private constructor(onRequest: (headers: http.IncomingHttpHeaders) => void) {
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { url = "", headers } = request;
        onRequest(headers);
        const status = url.includes("/failing/") ? 500 : url.includes("/gone/") ? 410 : 200;
        const echoes = Object.entries(headers).map(([name, value]) => [`x-echo-${name}`, String(value)]);
        response.writeHead(status, { "set-cookie": "session=1", ...Object.fromEntries(echoes), "x-url": url });
        response.end(JSON.stringify({ headers, url, body: Buffer.concat(chunks).toString() }));
      });
    });
  }

  static async listen(onRequest: (headers: http.IncomingHttpHeaders) => void): Promise<EchoingReceiver> {
    const receiver = new EchoingReceiver(onRequest);
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
