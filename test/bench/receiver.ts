/** The receiver's process: answers by path, counts, and tells what came when asked. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { isSigned } from "./signed-request";

/** What came to one path. */
export interface Received {
  requests: number;
  bodyBytes: number;
  /** Whether the first request was signed as it should be; the others are not looked at. */
  signed: boolean;
}

/** What the receiver tells: the port once it listens, the path of a first request, or the answer to a question. */
export type FromReceiver = { port: number } | { first: string } | { received: Record<string, Received> };

const ANSWER = Buffer.from("ok");
/** Here it takes as long until the answer comes as with a receiver elsewhere on the same continent. */
const FAR = "/far";
const FAR_MS = 20;

function answer(path: string, response: ServerResponse): void {
  if (path.startsWith("/hang")) return;
  if (path.startsWith(FAR)) setTimeout(say, FAR_MS, response);
  else say(response);
}

function say(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": ANSWER.length });
  response.end(ANSWER);
}

function tell(message: FromReceiver): void {
  process.send?.(message);
}

const received = new Map<string, Received>();
const server = createServer((request, response) => {
  const path = request.url ?? "";
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    let known = received.get(path);
    if (known === undefined) {
      known = { requests: 0, bodyBytes: 0, signed: isSigned(request.headers, Buffer.concat(chunks)) };
      received.set(path, known);
      tell({ first: path });
    }
    known.requests += 1;
    for (const { length } of chunks) known.bodyBytes += length;
    answer(path, response);
  });
});
// Connections are kept as long as the sender wants: who hangs up when is not what is measured.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;

process.on("message", () => {
  tell({ received: Object.fromEntries(received) });
  received.clear();
});
process.on("disconnect", () => process.exit());

server.listen(0, "127.0.0.1");
once(server, "listening").then(() => {
  const address = server.address();
  tell({ port: typeof address === "object" && address !== null ? address.port : 0 });
});
