import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, createServer as createNetServer, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Lookup } from "../../../nodes/lib/delivery/checked-addresses";
import type { Transport } from "../../../nodes/lib/delivery/transport";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import type { ProxySettings, TlsSettings } from "../../../nodes/lib/integration/integration-spec";
import { integrationAt, listening, type Receiver, rawReceiver, requestTo } from "./receiver";

const pem = (name: string) => readFileSync(join(__dirname, "../../fixtures/tls", `${name}.pem`), "utf8");
const tls: TlsSettings = { ca: pem("ca.cert"), rejectUnauthorized: true };

describe("the transport and proxies", () => {
  let receivers: Receiver[];
  let transports: Transport[];
  /** Names that were looked up on our side. */
  let asked: string[];

  beforeEach(() => {
    receivers = [];
    transports = [];
    asked = [];
  });

  afterEach(async () => {
    await Promise.all(transports.map((transport) => transport.close()));
    await Promise.all(receivers.map((receiver) => receiver.close()));
  });

  async function running(starting: Promise<Receiver>): Promise<Receiver> {
    const receiver = await starting;
    receivers.push(receiver);
    return receiver;
  }

  const plainReceiver = () =>
    running(rawReceiver((socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")));

  /** A proxy that connects every name to this machine, and notes what it was asked for. */
  function proxyServer(): { server: Server; connects: IncomingMessage[] } {
    const connects: IncomingMessage[] = [];
    const server = createServer((_request, response) => response.writeHead(405).end());
    server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
      connects.push(request);
      const target = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        target.write(head);
        target.pipe(client).pipe(target);
      });
      target.on("error", () => client.destroy());
      target.on("close", () => client.destroy());
      client.on("error", () => target.destroy());
      client.on("close", () => target.destroy());
    });
    return { server, connects };
  }

  interface Sending {
    proxy: Partial<ProxySettings> & { url: string };
    lookup?: Lookup;
    allowPrivate?: boolean;
    timeoutMs?: number;
    tls?: TlsSettings;
  }

  async function send(url: string, { proxy, lookup = publicly, ...changes }: Sending) {
    const transport = createTransport({ lookup });
    transports.push(transport);
    const settings = { username: "", password: "", noProxy: [], ...proxy };
    const integration = integrationAt(url, { allowPrivate: false, ...changes, proxy: settings });
    return transport.send(requestTo(url), integration);
  }

  /** Resolves addresses of this machine to themselves and every name to an address on the Internet. */
  const publicly: Lookup = (hostname, _options, callback) => {
    asked.push(hostname);
    callback(null, [{ address: hostname === "proxy.test" ? "127.0.0.1" : "192.0.43.8", family: 4 }]);
  };

  const failing: Lookup = (hostname, _options, callback) => {
    asked.push(hostname);
    if (hostname === "proxy.test") callback(null, [{ address: "127.0.0.1", family: 4 }]);
    else callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []);
  };

  describe("through a proxy", () => {
    it("reaches http and https receivers by CONNECT, with the proxy's credentials for the proxy only", async () => {
      const { server, connects } = proxyServer();
      const { port } = await running(listening(server));
      const requests: IncomingMessage[] = [];
      const options = { key: pem("server.key"), cert: pem("server.cert") };
      const secure = await running(
        listening(
          createTlsServer(options, (request, response) => {
            requests.push(request);
            response.end("ok");
          }),
        ),
      );
      const plain = await plainReceiver();
      const proxy = { url: `http://127.0.0.1:${port}`, username: "user", password: "pass:wörd" };

      const overTls = await send(`https://receiver.test:${secure.port}/`, { proxy, tls });
      assert.deepEqual([overTls.outcome, overTls.responseBody], ["success", "ok"]);
      assert.equal((await send(`http://receiver.test:${plain.port}/`, { proxy })).outcome, "success");

      assert.deepEqual(
        connects.map(({ url }) => url),
        [`receiver.test:${secure.port}`, `receiver.test:${plain.port}`],
      );
      const credentials = Buffer.from("user:pass:wörd").toString("base64");
      for (const { headers } of connects) assert.equal(headers["proxy-authorization"], `Basic ${credentials}`);
      assert.equal(requests[0]?.headers["proxy-authorization"], undefined);
    });

    it("uses a connection again", async () => {
      const { server, connects } = proxyServer();
      const { port } = await running(listening(server));
      const plain = await plainReceiver();
      const transport = createTransport({ lookup: publicly });
      transports.push(transport);
      const url = `http://receiver.test:${plain.port}/`;
      const proxy = { url: `http://127.0.0.1:${port}`, username: "", password: "", noProxy: [] };
      const integration = integrationAt(url, { proxy, concurrency: 1, allowPrivate: false });
      for (let count = 0; count < 3; count++) {
        assert.equal((await transport.send(requestTo(url), integration)).outcome, "success");
      }
      assert.equal(connects.length, 1);
    });

    it("trusts a proxy over TLS only as Node does, whatever the integration's own TLS settings", async () => {
      const { server, connects } = proxyServer();
      const secure = createTlsServer({ key: pem("server.key"), cert: pem("server.cert") });
      secure.on("connect", (...event) => server.emit("connect", ...event));
      const { port } = await running(listening(secure));
      const result = await send("https://receiver.test/", { proxy: { url: `https://127.0.0.1:${port}` }, tls });
      assert.deepEqual([result.outcome, result.reason, connects.length], [null, "proxy", 0]);
    });

    it("reaches https receivers through a proxy over TLS that Node trusts, and lets go of them", async () => {
      const script = join(__dirname, "send-through-secure-proxy.ts");
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(__dirname, "../../fixtures/tls/ca.cert.pem") };
      const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], { env });
      assert.deepEqual(JSON.parse(stdout), ["success", "local-network"]);
    });

    it("goes without it to the hosts that need none", async () => {
      const { server, connects } = proxyServer();
      const { port } = await running(listening(server));
      const plain = await plainReceiver();
      const proxy = { url: `http://127.0.0.1:${port}`, noProxy: ["127.0.0.1"] };
      const result = await send(`http://127.0.0.1:${plain.port}/`, { proxy, allowPrivate: true });
      assert.equal(result.outcome, "success");
      assert.equal(connects.length, 0);
    });

    it("refuses private addresses and names that lead to them, before the proxy hears of them", async () => {
      const { server, connects } = proxyServer();
      const proxyReceiver = await running(listening(server));
      const plain = await plainReceiver();
      const proxy = { url: `http://127.0.0.1:${proxyReceiver.port}` };
      const inside: Lookup = (_hostname, _options, callback) => callback(null, [{ address: "10.0.0.1", family: 4 }]);
      for (const host of ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "inside.test"]) {
        const result = await send(`http://${host}:${plain.port}/`, { proxy, lookup: inside });
        assert.deepEqual([result.outcome, result.reason], [null, "blocked-address"]);
      }
      assert.deepEqual([connects.length, proxyReceiver.connections], [0, 0]);
    });

    it("leaves a name that only the proxy knows to the proxy", async () => {
      const { server, connects } = proxyServer();
      const { port } = await running(listening(server));
      const plain = await plainReceiver();
      const proxy = { url: `http://proxy.test:${port}` };
      const result = await send(`http://receiver.test:${plain.port}/`, { proxy, lookup: failing });
      assert.equal(result.outcome, "success");
      assert.deepEqual(asked, ["receiver.test", "proxy.test"]);
      assert.equal(connects.length, 1);
    });

    it("asks for an IPv6 address in brackets", async () => {
      const { server, connects } = proxyServer();
      const { port } = await running(listening(server));
      const plain = await plainReceiver();
      const proxy = { url: `http://127.0.0.1:${port}` };
      const result = await send(`http://[::1]:${plain.port}/`, { proxy, allowPrivate: true });
      assert.equal(result.outcome, "success");
      assert.equal(connects[0]?.url, `[::1]:${plain.port}`);
    });
  });

  describe("a proxy's failure is not the receiver's:", () => {
    async function failure(answer: (socket: Socket) => void, timeoutMs = 5_000) {
      const { port } = await running(rawReceiver(answer));
      const proxy = { url: `http://127.0.0.1:${port}` };
      const { outcome, reason } = await send("http://receiver.test/", { proxy, timeoutMs });
      return { outcome, reason };
    }

    for (const status of ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "301 Moved"]) {
      it(`it answers ${status}`, async () => {
        const result = await failure((socket) => socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`));
        assert.deepEqual(result, { outcome: null, reason: "proxy" });
      });
    }

    it("it hangs up", async () => {
      assert.deepEqual(await failure((socket) => socket.destroy()), { outcome: null, reason: "proxy" });
    });

    it("it speaks no HTTP", async () => {
      const result = await failure((socket) => socket.write("220 hello\r\n\r\n"));
      assert.deepEqual(result, { outcome: null, reason: "proxy" });
    });

    it("it is not there", async () => {
      const gone = await running(listening(createNetServer()));
      await gone.close();
      receivers = [];
      const result = await send("http://receiver.test/", { proxy: { url: `http://127.0.0.1:${gone.port}` } });
      assert.deepEqual([result.outcome, result.reason], [null, "proxy"]);
    });

    it("its name does not exist", async () => {
      const lookup: Lookup = (_hostname, _options, callback) => {
        callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []);
      };
      const result = await send("http://receiver.test/", { proxy: { url: "http://nowhere.test:3128" }, lookup });
      assert.deepEqual([result.outcome, result.reason], [null, "proxy"]);
    });
  });

  describe("a receiver's failure behind a proxy is the receiver's:", () => {
    it("the proxy waits for it longer than the attempt may take", async () => {
      const { port } = await running(rawReceiver(() => {}));
      const result = await send("http://receiver.test/", {
        proxy: { url: `http://127.0.0.1:${port}` },
        timeoutMs: 100,
      });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "timeout"]);
    });

    it("its certificate is for another name", async () => {
      const { server } = proxyServer();
      const { port } = await running(listening(server));
      const options = { key: pem("server.key"), cert: pem("server.cert") };
      const secure = await running(listening(createTlsServer(options)));
      const proxy = { url: `http://127.0.0.1:${port}` };
      const result = await send(`https://elsewhere.test:${secure.port}/`, { proxy, tls });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "tls"]);
    });

    it("it hangs up in the tunnel", async () => {
      const { server } = proxyServer();
      const { port } = await running(listening(server));
      const plain = await running(rawReceiver((socket) => socket.destroy()));
      const proxy = { url: `http://127.0.0.1:${port}` };
      const result = await send(`http://receiver.test:${plain.port}/`, { proxy });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
    });
  });
});
