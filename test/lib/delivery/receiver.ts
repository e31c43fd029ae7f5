import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { createServer as createNetServer, type Server, type Socket } from "node:net";
import type { LiveIntegration, ProxySettings, TlsSettings } from "../../../nodes/lib/integration/integration-spec";
import type { OutgoingRequest } from "../../../nodes/lib/wire/outgoing-request";
import { integrationSpec } from "../../fixtures/integration-spec";

/** A server on 127.0.0.1 and what is needed to send to it. */
export interface Receiver {
  port: number;
  /** Connections accepted so far. */
  connections: number;
  close(): Promise<void>;
}

/** Makes a server listen on a free port of 127.0.0.1. Closing it cuts its connections. */
export async function listening(server: Server | HttpServer): Promise<Receiver> {
  const sockets = new Set<Socket>();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  const receiver: Receiver = {
    port: address.port,
    connections: 0,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  server.on("connection", (socket: Socket) => {
    receiver.connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  return receiver;
}

/** A receiver that says what a test makes it say, byte for byte, once a whole request has come. */
export function rawReceiver(answer: (socket: Socket, count: number) => void): Promise<Receiver> {
  let count = 0;
  return listening(
    createNetServer((socket) => {
      let received = "";
      socket.setEncoding("latin1").on("data", (text) => {
        received += text;
        const end = received.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
        if (end === -1 || received.length < end + 4 + length) return;
        received = "";
        answer(socket, ++count);
      });
    }),
  );
}

/** An integration that sends to a port of this machine. */
export function integrationAt(
  url: string,
  changes: {
    id?: string;
    timeoutMs?: number;
    concurrency?: number;
    allowPrivate?: boolean;
    tls?: TlsSettings;
    proxy?: ProxySettings;
    headers?: Record<string, string>;
  } = {},
): LiveIntegration {
  const { id = "a", timeoutMs = 5_000, concurrency = 4, allowPrivate = true, tls, proxy, headers = {} } = changes;
  return {
    spec: integrationSpec({ id, url, timeoutMs, concurrency, allowPrivate }),
    secrets: { secret: "top-secret", previousSecret: "", headers },
    tls: tls ?? null,
    proxy: proxy ?? null,
  };
}

export function requestTo(url: string, body = '{"a":1}'): OutgoingRequest {
  return { url, headers: { "Content-Type": "application/json" }, body: Buffer.from(body) };
}
