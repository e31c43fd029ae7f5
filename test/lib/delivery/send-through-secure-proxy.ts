import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import { integrationAt, listening, requestTo } from "./receiver";

/**
 * Sends two requests over TLS through a proxy over TLS, one of which is not answered, and closes. Prints the reasons. For
 * a process of its own: Node reads at start whom it trusts.
 */
async function main(): Promise<void> {
  const pem = (name: string) => readFileSync(join(__dirname, "../../fixtures/tls", `${name}.pem`));
  const ours = { key: pem("server.key"), cert: pem("server.cert") };
  const receiver = createServer(ours);
  const asked = new Promise<void>((resolve) => {
    receiver.on("request", (request, response) => {
      if (request.url === "/silence") resolve();
      else response.end("ok");
    });
  });
  const proxyServer = createServer(ours).on("connect", (request: IncomingMessage, client: Socket) => {
    const target = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(client).pipe(target);
    });
    for (const [socket, other] of [[target, client] as const, [client, target] as const]) {
      socket.on("error", () => {}).on("close", () => other.destroy());
    }
  });
  const proxy = await listening(proxyServer);
  const target = await listening(receiver);
  const transport = createTransport();
  const settings = { url: `https://localhost:${proxy.port}`, username: "", password: "", noProxy: [] };
  const send = (path: string) => {
    const url = `https://localhost:${target.port}${path}`;
    return transport.send(requestTo(url), integrationAt(url, { proxy: settings }));
  };
  const first = await send("/");
  const second = send("/silence");
  await asked;
  await transport.close();
  console.log(JSON.stringify([first.outcome, (await second).reason]));
  await Promise.all([proxy.close(), target.close()]);
}

void main();
