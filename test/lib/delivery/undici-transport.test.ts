import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { integrationAt, listening, rawReceiver, requestTo } from "./receiver";
import { OK, says, useTransport } from "./transport-under-test";

describe("the transport", () => {
  const sut = useTransport();

  describe("sending a request", () => {
    it("posts the body to the URL with the headers, and reads the answer", async () => {
      const requests: { request: IncomingMessage; body: string }[] = [];
      const server = createServer((request, response) => {
        let body = "";
        request.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        request.on("end", () => {
          requests.push({ request, body });
          response.writeHead(202, { "x-answer": "yes", "set-cookie": ["a=1", "b=2"] }).end("taken");
        });
      });
      const { url, port } = await sut.receive(listening(server));
      const result = await sut.transport.send(requestTo(url, '{"text":"Grüße 👋"}'), integrationAt(url));
      assert.deepEqual(
        { ...result, responseHeaders: {} },
        {
          outcome: "success",
          reason: null,
          statusCode: 202,
          responseHeaders: {},
          responseBody: "taken",
          retryAfterMs: null,
          abortMessage: false,
          fatalSignal: null,
        },
      );
      assert.equal(result.responseHeaders["x-answer"], "yes");
      assert.equal(result.responseHeaders["set-cookie"], "a=1, b=2");
      const [{ request, body } = assert.fail("nothing came")] = requests;
      assert.equal(body, '{"text":"Grüße 👋"}');
      assert.deepEqual([request.method, request.url], ["POST", "/hooks?a=1"]);
      assert.equal(request.headers.host, `127.0.0.1:${port}`);
      assert.equal(request.headers["content-type"], "application/json");
      assert.equal(request.headers["content-length"], `${Buffer.byteLength(body)}`);
    });

    it("uses a connection again", async () => {
      const receiver = await sut.receive(rawReceiver(says(OK)));
      for (let count = 0; count < 5; count++) {
        const integration = integrationAt(receiver.url, { concurrency: 1 });
        assert.equal((await sut.transport.send(requestTo(receiver.url), integration)).outcome, "success");
      }
      assert.equal(receiver.connections, 1);
    });

    it("opens no more connections than the integration may have attempts at the same time", async () => {
      const receiver = await sut.receive(rawReceiver(says(OK)));
      const integration = integrationAt(receiver.url, { concurrency: 3 });
      const results = await Promise.all(
        Array.from({ length: 30 }, () => sut.transport.send(requestTo(receiver.url), integration)),
      );
      assert.ok(results.every(({ outcome }) => outcome === "success"));
      assert.ok(receiver.connections <= 3, `${receiver.connections}`);
    });

    it("sends to the new URL, with new connections, when the settings of an integration change", async () => {
      const first = await sut.receive(rawReceiver(says(OK)));
      const second = await sut.receive(rawReceiver(says(OK)));
      await sut.transport.send(requestTo(first.url), integrationAt(first.url));
      await sut.transport.send(requestTo(second.url), integrationAt(second.url));
      await sut.transport.send(requestTo(second.url), integrationAt(second.url, { concurrency: 2 }));
      assert.deepEqual([first.connections, second.connections], [1, 2]);
    });

    it("keeps its connections when nothing that matters to them changed", async () => {
      const paths: (string | undefined)[] = [];
      const server = createServer((request, response) => {
        paths.push(request.url);
        response.end();
      });
      const receiver = await sut.receive(listening(server));
      for (const path of ["/a", "/b?c"]) {
        const url = new URL(path, receiver.url).href;
        await sut.transport.send(requestTo(url), integrationAt(url, { concurrency: 1, headers: { "X-Path": path } }));
      }
      assert.deepEqual(paths, ["/a", "/b?c"]);
      assert.equal(receiver.connections, 1);
    });

    it("sends to http and https only", async () => {
      for (const url of ["ftp://127.0.0.1/", "file:///etc/passwd", "unix:/run/x", "no URL"]) {
        const result = await sut.transport.send(requestTo(url), integrationAt(url));
        assert.deepEqual([result.outcome, result.reason], [null, "blocked-address"]);
      }
    });

    it("leaves out of the log what the receiver sends back of the integration's secrets", async () => {
      const server = createServer((request, response) => {
        response.setHeader("x-echo", request.headers.authorization ?? "");
        response.end(`you sent ${request.headers.authorization}, and top-secret`);
      });
      const { url } = await sut.receive(listening(server));
      const headers = { Authorization: "Bearer abcdefghijkl" };
      const request = { ...requestTo(url), headers };
      const result = await sut.transport.send(request, integrationAt(url, { headers }));
      assert.equal(result.responseBody, "you sent ***, and ***");
      assert.equal(result.responseHeaders["x-echo"], "***");
    });
  });

  describe("the answer's first characters", () => {
    it("are 1,024, none of them broken", async () => {
      for (const [body, shown] of [
        ["x".repeat(2_000), "x".repeat(1_024)],
        [`a${"é".repeat(2_000)}`, `a${"é".repeat(1_023)}`],
        ["👋".repeat(2_000), "👋".repeat(1_024)],
        [`a${"👋".repeat(1_500)}`, `a${"👋".repeat(1_023)}`],
      ] as const) {
        const result = await sut.sendTo(
          says(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
        );
        assert.equal(result.responseBody, shown);
      }
    });

    it("are the same however the answer was cut into pieces", async () => {
      const bytes = Buffer.from("Grüße 👋🏽 你好");
      const result = await sut.sendTo((socket) => {
        socket.setNoDelay(true);
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`);
        let sent = 0;
        const next = () => {
          socket.write(bytes.subarray(sent, ++sent));
          if (sent < bytes.length) setImmediate(next);
        };
        next();
      });
      assert.equal(result.responseBody, "Grüße 👋🏽 你好");
    });
  });

  describe("what comes of an answer", () => {
    const cases: [string, number, string | null, string | null][] = [
      ["204 No Content", 204, "success", null],
      ["301 Moved Permanently\r\nlocation: /elsewhere", 301, "error", "http-301"],
      ["404 Not Found", 404, "error", "http-404"],
      ["410 Gone", 410, "fatal", "http-410"],
      ["500 Oops", 500, "error", "http-500"],
      ["999 Odd", 999, "error", "http-999"],
      ["200 OK\r\nWebhook-Delivery: disable", 200, "fatal", "http-200"],
    ];
    for (const [head, statusCode, outcome, reason] of cases) {
      it(`is ${outcome} for ${JSON.stringify(head)}`, async () => {
        const body = statusCode === 204 ? "" : "content-length: 0\r\n";
        const result = await sut.sendTo(says(`HTTP/1.1 ${head}\r\n${body}\r\n`));
        assert.deepEqual([result.statusCode, result.outcome, result.reason], [statusCode, outcome, reason]);
      });
    }

    it("follows no redirect", async () => {
      const other = await sut.receive(rawReceiver(says(OK)));
      const result = await sut.sendTo(says(`HTTP/1.1 307 Go\r\nlocation: ${other.url}\r\ncontent-length: 0\r\n\r\n`));
      assert.equal(result.reason, "http-307");
      assert.equal(other.connections, 0);
    });

    it("obeys Retry-After and webhook-delivery", async () => {
      const result = await sut.sendTo(
        says("HTTP/1.1 429 Slow\r\nretry-after: 30\r\nwebhook-delivery: abort-message\r\ncontent-length: 0\r\n\r\n"),
      );
      assert.deepEqual([result.retryAfterMs, result.abortMessage], [30_000, true]);
    });
  });

  describe("a receiver that is not there", () => {
    it("is refused", async () => {
      const receiver = await rawReceiver(() => {});
      await receiver.close();
      const url = `http://127.0.0.1:${receiver.port}/`;
      const result = await sut.transport.send(requestTo(url), integrationAt(url));
      assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "refused", 0]);
    });
  });
});
