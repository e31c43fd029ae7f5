import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { createServer as createNetServer } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { Lookup } from "../../../nodes/lib/delivery/checked-addresses";
import type { Transport } from "../../../nodes/lib/delivery/transport";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import type { TlsSettings } from "../../../nodes/lib/integration/integration-spec";
import { integrationAt, listening, type Receiver, requestTo } from "./receiver";

const pem = (name: string) => readFileSync(join(__dirname, "../../fixtures/tls", `${name}.pem`), "utf8");
const ca = pem("ca.cert");
const ours = { key: pem("server.key"), cert: pem("server.cert") };
const loopback: Lookup = (_hostname, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);

describe("the transport and TLS", () => {
  let transport: Transport;
  let receivers: Receiver[];
  /** What the receiver saw of each connection. */
  let seen: { servername: unknown; authorized: boolean; isReused: boolean; protocol: unknown }[];

  beforeEach(() => {
    transport = createTransport({ lookup: loopback });
    receivers = [];
    seen = [];
  });

  afterEach(async () => {
    await transport.close();
    await Promise.all(receivers.map((receiver) => receiver.close()));
  });

  async function tlsReceiver(options: ServerOptions): Promise<number> {
    const server = createServer({ ALPNProtocols: ["h2", "http/1.1"], ...options }, (_request, response) => {
      response.end("ok");
    });
    server.on("secureConnection", (socket: TLSSocket & { servername?: string }) => {
      const { servername, authorized, alpnProtocol } = socket;
      seen.push({ servername, authorized, isReused: socket.isSessionReused(), protocol: alpnProtocol });
    });
    const receiver = await listening(server);
    receivers.push(receiver);
    return receiver.port;
  }

  async function send(host: string, port: number, tls: Partial<TlsSettings> | null, id = "a") {
    const url = `https://${host}:${port}/hooks`;
    const settings = tls === null ? {} : { tls: { rejectUnauthorized: true, ...tls } };
    return transport.send(requestTo(url), integrationAt(url, { id, concurrency: 1, ...settings }));
  }

  describe("over TLS", () => {
    it("sends to a receiver whose certificate is trusted, by name and by address", async () => {
      const port = await tlsReceiver(ours);
      for (const host of ["receiver.test", "127.0.0.1"]) {
        const result = await send(host, port, { ca });
        assert.deepEqual([result.outcome, result.responseBody], ["success", "ok"]);
      }
      assert.deepEqual(
        seen.map(({ servername, protocol }) => [servername, protocol]),
        [
          ["receiver.test", "http/1.1"],
          [false, "http/1.1"],
        ],
      );
    });

    it("shortens the handshake of a later connection", async () => {
      const server = createServer(ours, (_request, response) => {
        response.setHeader("connection", "close").end("ok");
      });
      server.on("secureConnection", (socket: TLSSocket) => {
        seen.push({ servername: "", authorized: false, isReused: socket.isSessionReused(), protocol: "" });
      });
      const receiver = await listening(server);
      receivers.push(receiver);
      for (let count = 0; count < 3; count++) await send("receiver.test", receiver.port, { ca });
      assert.deepEqual(
        seen.map(({ isReused }) => isReused),
        [false, true, true],
      );
    });

    it("shows a client certificate, with a key under a passphrase or not", async () => {
      const port = await tlsReceiver({ ...ours, ca, requestCert: true, rejectUnauthorized: true });
      const result = await send("receiver.test", port, { ca, cert: pem("client.cert"), key: pem("client.key") });
      assert.equal(result.outcome, "success");
      assert.equal(seen[0]?.authorized, true);
      const locked = createPrivateKey(pem("client.key")).export({
        format: "pem",
        type: "pkcs8",
        cipher: "aes-256-cbc",
        passphrase: "open",
      });
      const key = locked.toString();
      const client = { ca, cert: pem("client.cert"), key, passphrase: "open" };
      assert.equal((await send("receiver.test", port, client)).outcome, "success");
    });

    it("takes the server name that is given in place of the host's", async () => {
      const port = await tlsReceiver(ours);
      assert.equal((await send("elsewhere.test", port, { ca })).reason, "tls");
      const result = await send("elsewhere.test", port, { ca, servername: "receiver.test" });
      assert.equal(result.outcome, "success");
    });

    it("trusts anyone when told to", async () => {
      const port = await tlsReceiver({ key: pem("expired.key"), cert: pem("expired.cert") });
      assert.equal((await send("elsewhere.test", port, { rejectUnauthorized: false })).outcome, "success");
    });
  });

  describe("a failure of TLS", () => {
    const cases: [string, ServerOptions, string, Partial<TlsSettings> | null][] = [
      ["an unknown authority, with Node's own trust", ours, "receiver.test", null],
      ["another authority", ours, "receiver.test", { ca: pem("other-ca.cert") }],
      ["another name", ours, "elsewhere.test", { ca }],
      ["an expired certificate", { key: pem("expired.key"), cert: pem("expired.cert") }, "receiver.test", { ca }],
      ["no version in common", { ...ours, maxVersion: "TLSv1.1", minVersion: "TLSv1" }, "receiver.test", { ca }],
    ];
    for (const [name, options, host, tls] of cases) {
      it(`by ${name} is tls`, async () => {
        const port = await tlsReceiver(options);
        const result = await send(host, port, tls);
        assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "tls", 0]);
      });
    }

    it("by a client certificate that is missing is whatever the receiver makes of it, here a reset", async () => {
      const port = await tlsReceiver({ ...ours, ca, requestCert: true, rejectUnauthorized: true });
      const result = await send("receiver.test", port, { ca });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
    });

    it("by a receiver that speaks plain HTTP is tls", async () => {
      const plain = await listening(createHttpServer());
      receivers.push(plain);
      assert.equal((await send("receiver.test", plain.port, { ca })).reason, "tls");
    });

    it("by a receiver that hangs up during the handshake is a reset", async () => {
      const receiver = await listening(createNetServer((socket) => socket.once("data", () => socket.destroy())));
      receivers.push(receiver);
      const result = await send("receiver.test", receiver.port, { ca });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
    });

    it("by a receiver that never finishes the handshake is a time-out", async () => {
      const receiver = await listening(createNetServer((socket) => socket.resume()));
      receivers.push(receiver);
      const url = `https://receiver.test:${receiver.port}/`;
      const integration = integrationAt(url, { timeoutMs: 100 });
      const result = await transport.send(requestTo(url), integration);
      assert.deepEqual([result.outcome, result.reason], ["timeout", "timeout"]);
    });

    it("by a key or certificate of ours that cannot be used is not the receiver's", async () => {
      const port = await tlsReceiver(ours);
      for (const tls of [
        { cert: pem("client.cert"), key: "nonsense" },
        { key: ours.key, cert: pem("client.cert") },
      ]) {
        const result = await send("receiver.test", port, tls);
        assert.deepEqual([result.outcome, result.reason], [null, "no-secret"]);
      }
    });
  });
});
