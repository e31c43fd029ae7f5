import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createNetServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { Transport } from "../../../nodes/lib/delivery/transport";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import type { LiveIntegration } from "../../../nodes/lib/integration/integration-spec";
import { integrationAt, listening, type Receiver, rawReceiver, requestTo } from "./receiver";

let transport: Transport;
let receivers: Receiver[];

beforeEach(() => {
  transport = createTransport();
  receivers = [];
});

afterEach(async () => {
  await transport.close();
  await Promise.all(receivers.map((receiver) => receiver.close()));
});

async function receive(starting: Promise<Receiver>): Promise<Receiver & { url: string }> {
  const receiver = await starting;
  receivers.push(receiver);
  return Object.assign(receiver, { url: `http://127.0.0.1:${receiver.port}/hooks?a=1` });
}

/** Sends one request to a receiver that answers so, byte for byte. */
async function sendTo(answer: (socket: Socket, count: number) => void, timeoutMs = 5_000) {
  const { url } = await receive(rawReceiver(answer));
  return transport.send(requestTo(url), integrationAt(url, { timeoutMs }));
}

function says(text: string) {
  return (socket: Socket) => {
    socket.write(text);
  };
}

function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once("close", resolve);
  });
}

/** A promise and what resolves it. */
function signal() {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

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
    const { url, port } = await receive(listening(server));
    const result = await transport.send(requestTo(url, '{"text":"Grüße 👋"}'), integrationAt(url));
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
    const receiver = await receive(rawReceiver(says(OK)));
    for (let count = 0; count < 5; count++) {
      const integration = integrationAt(receiver.url, { concurrency: 1 });
      assert.equal((await transport.send(requestTo(receiver.url), integration)).outcome, "success");
    }
    assert.equal(receiver.connections, 1);
  });

  it("opens no more connections than the integration may have attempts at the same time", async () => {
    const receiver = await receive(rawReceiver(says(OK)));
    const integration = integrationAt(receiver.url, { concurrency: 3 });
    const results = await Promise.all(
      Array.from({ length: 30 }, () => transport.send(requestTo(receiver.url), integration)),
    );
    assert.ok(results.every(({ outcome }) => outcome === "success"));
    assert.ok(receiver.connections <= 3, `${receiver.connections}`);
  });

  it("sends to the new URL, with new connections, when the settings of an integration change", async () => {
    const first = await receive(rawReceiver(says(OK)));
    const second = await receive(rawReceiver(says(OK)));
    await transport.send(requestTo(first.url), integrationAt(first.url));
    await transport.send(requestTo(second.url), integrationAt(second.url));
    await transport.send(requestTo(second.url), integrationAt(second.url, { concurrency: 2 }));
    assert.deepEqual([first.connections, second.connections], [1, 2]);
  });

  it("keeps its connections when nothing that matters to them changed", async () => {
    const paths: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      paths.push(request.url);
      response.end();
    });
    const receiver = await receive(listening(server));
    for (const path of ["/a", "/b?c"]) {
      const url = new URL(path, receiver.url).href;
      await transport.send(requestTo(url), integrationAt(url, { concurrency: 1, headers: { "X-Path": path } }));
    }
    assert.deepEqual(paths, ["/a", "/b?c"]);
    assert.equal(receiver.connections, 1);
  });

  it("sends to http and https only", async () => {
    for (const url of ["ftp://127.0.0.1/", "file:///etc/passwd", "unix:/run/x", "no URL"]) {
      const result = await transport.send(requestTo(url), integrationAt(url));
      assert.deepEqual([result.outcome, result.reason], [null, "blocked-address"]);
    }
  });

  it("leaves out of the log what the receiver sends back of the integration's secrets", async () => {
    const server = createServer((request, response) => {
      response.setHeader("x-echo", request.headers.authorization ?? "");
      response.end(`you sent ${request.headers.authorization}, and top-secret`);
    });
    const { url } = await receive(listening(server));
    const headers = { Authorization: "Bearer abcdefghijkl" };
    const request = { ...requestTo(url), headers };
    const result = await transport.send(request, integrationAt(url, { headers }));
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
      const result = await sendTo(says(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`));
      assert.equal(result.responseBody, shown);
    }
  });

  it("are the same however the answer was cut into pieces", async () => {
    const bytes = Buffer.from("Grüße 👋🏽 你好");
    const result = await sendTo((socket) => {
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
      const result = await sendTo(says(`HTTP/1.1 ${head}\r\n${body}\r\n`));
      assert.deepEqual([result.statusCode, result.outcome, result.reason], [statusCode, outcome, reason]);
    });
  }

  it("follows no redirect", async () => {
    const other = await receive(rawReceiver(says(OK)));
    const result = await sendTo(says(`HTTP/1.1 307 Go\r\nlocation: ${other.url}\r\ncontent-length: 0\r\n\r\n`));
    assert.equal(result.reason, "http-307");
    assert.equal(other.connections, 0);
  });

  it("obeys Retry-After and webhook-delivery", async () => {
    const result = await sendTo(
      says("HTTP/1.1 429 Slow\r\nretry-after: 30\r\nwebhook-delivery: abort-message\r\ncontent-length: 0\r\n\r\n"),
    );
    assert.deepEqual([result.retryAfterMs, result.abortMessage], [30_000, true]);
  });
});

describe("a hostile receiver", () => {
  it("that accepts and says nothing is a time-out", async () => {
    const result = await sendTo(() => {}, 100);
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "timeout", 0]);
  });

  it("that drips its headers is a time-out", async () => {
    const result = await sendTo((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const drip = setInterval(() => socket.write("x: y\r\n"), 5);
      socket.once("close", () => clearInterval(drip));
    }, 150);
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "timeout", 0]);
  });

  it("that drips its body is a time-out, with what came shown", async () => {
    const result = await sendTo((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nso far");
      const drip = setInterval(() => socket.write("."), 5);
      socket.once("close", () => clearInterval(drip));
    }, 150);
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "timeout", 200]);
    assert.match(result.responseBody, /^so far\.*$/);
  });

  it("that stalls in the middle of its body is a time-out, and is let go of", async () => {
    let closed: Promise<unknown> | undefined;
    const result = await sendTo((socket) => {
      closed = closing(socket);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    }, 100);
    assert.equal(result.outcome, "timeout");
    await closed;
  });

  it("that never ends its body is cut off after 64 KiB, and its status counts", async () => {
    let sent = 0;
    let closed: Promise<unknown> | undefined;
    const result = await sendTo((socket) => {
      closed = closing(socket);
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const flood = () => {
        for (let more = true; more && !socket.destroyed; sent += 4_096) {
          more = socket.write(`1000\r\n${"x".repeat(4_096)}\r\n`);
        }
      };
      socket.on("drain", flood);
      flood();
    });
    await closed;
    assert.deepEqual([result.outcome, result.statusCode], ["success", 200]);
    assert.equal(result.responseBody, "x".repeat(1_024));
    assert.ok(sent < 32 * 1024 * 1024);
  });

  it("that sends a bomb of headers is a bad response", async () => {
    const many = Array.from({ length: 5_000 }, (_, count) => `x-${count}: ${"y".repeat(100)}`).join("\r\n");
    for (const bomb of [`x: ${"y".repeat(1_000_000)}`, many, "y".repeat(1_000_000)]) {
      const result = await sendTo(says(`HTTP/1.1 200 OK\r\n${bomb}\r\n\r\n`));
      assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "bad-response", 0]);
    }
  });

  it("that sends many small headers has some of them logged", async () => {
    const many = Array.from({ length: 500 }, (_, count) => `x-${count}: ${count}`).join("\r\n");
    const result = await sendTo(
      says(`HTTP/1.1 200 OK\r\n__proto__: x\r\n${many}\r\ny: ${"y".repeat(900)}\r\ncontent-length: 0\r\n\r\n`),
    );
    assert.equal(result.outcome, "success");
    assert.ok(Object.keys(result.responseHeaders).length <= 64);
    const long = await sendTo(says(`HTTP/1.1 200 OK\r\ny: ${"y".repeat(9_000)}\r\ncontent-length: 0\r\n\r\n`));
    assert.equal(long.responseHeaders.y?.length, 512);
  });

  it("that floods with interim answers is a bad response", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    const result = await sendTo((socket) => {
      const flood = () => {
        for (let more = true; more && !socket.destroyed; ) more = socket.write(early.repeat(100));
      };
      socket.on("drain", flood);
      flood();
    });
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "bad-response", 0]);
  });

  it("may send a few interim answers before the real one", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    const result = await sendTo(says(early.repeat(3) + OK));
    assert.deepEqual([result.outcome, result.statusCode, result.responseBody], ["success", 200, "ok"]);
  });

  it("that switches to another protocol is a bad response", async () => {
    const result = await sendTo(says("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"));
    assert.deepEqual([result.outcome, result.reason], ["timeout", "bad-response"]);
  });

  for (const [name, text] of [
    ["no HTTP", "220 smtp.example.com ESMTP\r\n"],
    ["a broken status line", "HTTP/1.1 abc\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc"],
    ["a length and chunks", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a length that is no number", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"],
    ["a chunk without a size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"],
    ["NUL in a header", "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n"],
  ] as const) {
    it(`that answers with ${name} is a bad response`, async () => {
      const result = await sendTo(says(text));
      assert.deepEqual([result.outcome, result.reason], ["timeout", "bad-response"]);
    });
  }

  for (const [name, text] of [
    ["without a word", ""],
    ["within its status line", "HTTP/1.1 20"],
    ["within its headers", "HTTP/1.1 200 OK\r\ncontent-le"],
    ["within its body", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"],
    ["within its chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
  ] as const) {
    it(`that hangs up ${name} is a reset`, async () => {
      const result = await sendTo((socket) => socket.end(text));
      assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
    });
  }

  for (const [name, text] of [
    ["fewer bytes than it announced", "content-length: 10\r\n\r\nabc"],
    ["half a chunk", "transfer-encoding: chunked\r\n\r\n5\r\nab"],
  ]) {
    it(`that closes, as it said it would, after ${name} is a bad response`, async () => {
      const result = await sendTo((socket) => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n${text}`));
      assert.deepEqual([result.outcome, result.reason], ["timeout", "bad-response"]);
    });
  }

  it("that cuts the connection is a reset", async () => {
    const result = await sendTo((socket) => socket.resetAndDestroy());
    assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
  });

  it("that ends its body by hanging up, as HTTP/1.0 did, is heard", async () => {
    const result = await sendTo((socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nold but fine"));
    assert.deepEqual([result.outcome, result.responseBody], ["success", "old but fine"]);
  });

  it("that says more than it announced is heard to the end it announced", async () => {
    const result = await sendTo(says(`${OK}and more`));
    assert.deepEqual([result.outcome, result.responseBody], ["success", "ok"]);
  });

  it("cannot make the next request read an answer that it sent before", async () => {
    const { url } = await receive(
      rawReceiver((socket, count) => {
        socket.write(count === 1 ? OK + OK.replace("ok", "no") : OK);
      }),
    );
    assert.equal((await transport.send(requestTo(url), integrationAt(url))).responseBody, "ok");
    assert.equal((await transport.send(requestTo(url), integrationAt(url))).responseBody, "ok");
  });

  it("cannot make us unpack a bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const result = await sendTo((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    assert.deepEqual([result.outcome, result.responseBody], ["success", "(packed as gzip, not shown)"]);
  });

  it("that answers before it has read the request is heard", async () => {
    const server = createNetServer((socket) => {
      socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
    });
    const { url } = await receive(listening(server));
    const result = await transport.send(requestTo(url, "x".repeat(1_000_000)), integrationAt(url));
    assert.deepEqual([result.reason, result.responseBody], ["http-413", "big"]);
  });

  it("that never reads the request is a time-out", async () => {
    const server = createNetServer((socket) => socket.pause());
    const { url } = await receive(listening(server));
    const integration = integrationAt(url, { timeoutMs: 150 });
    const result = await transport.send(requestTo(url, "x".repeat(20_000_000)), integration);
    assert.deepEqual([result.outcome, result.reason], ["timeout", "timeout"]);
  });

  it("cannot hold back another integration", async () => {
    const hanging = await receive(rawReceiver(() => {}));
    const healthy = await receive(rawReceiver(says(OK)));
    const stuck = integrationAt(hanging.url, { id: "hanging", timeoutMs: 60_000 });
    const waiting = Array.from({ length: 8 }, () => transport.send(requestTo(hanging.url), stuck));
    for (let count = 0; count < 20; count++) {
      const result = await transport.send(requestTo(healthy.url), integrationAt(healthy.url, { id: "healthy" }));
      assert.equal(result.outcome, "success");
    }
    await transport.close();
    assert.deepEqual(new Set((await Promise.all(waiting)).map(({ reason }) => reason)), new Set(["local-network"]));
  });
});

describe("a receiver that is not there", () => {
  it("is refused", async () => {
    const receiver = await receive(rawReceiver(() => {}));
    await receiver.close();
    receivers = [];
    const result = await transport.send(requestTo(receiver.url), integrationAt(receiver.url));
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "refused", 0]);
  });
});

describe("a connection that the receiver closed while it was idle", () => {
  it("is replaced at once where the receiver has not answered", async () => {
    const { url } = await receive(
      rawReceiver((socket, count) => {
        // The second request comes on a connection of which the receiver has just thought better.
        if (count === 2) socket.destroy();
        else socket.write(OK);
      }),
    );
    const integration = integrationAt(url, { concurrency: 1 });
    assert.equal((await transport.send(requestTo(url), integration)).outcome, "success");
    assert.equal((await transport.send(requestTo(url), integration)).outcome, "success");
  });

  it("is replaced once, not for ever", async () => {
    let requests = 0;
    const { url } = await receive(
      rawReceiver((socket, count) => {
        requests = count;
        if (count === 1) socket.write(OK);
        else socket.destroy();
      }),
    );
    const integration = integrationAt(url, { concurrency: 1 });
    await transport.send(requestTo(url), integration);
    assert.equal((await transport.send(requestTo(url), integration)).reason, "reset");
    assert.equal(requests, 3);
  });

  it("is not replaced where it was new", async () => {
    let requests = 0;
    const result = await sendTo((socket, count) => {
      requests = count;
      socket.destroy();
    });
    assert.equal(result.reason, "reset");
    assert.equal(requests, 1);
  });
});

describe("closing", () => {
  const send = (url: string, integration: LiveIntegration) => transport.send(requestTo(url), integration);

  it("an integration's connections lets its attempts in flight finish", async () => {
    const waiting: Socket[] = [];
    const came = signal();
    const { url } = await receive(
      rawReceiver((socket) => {
        waiting.push(socket);
        came.resolve();
      }),
    );
    const result = send(url, integrationAt(url));
    await came.promise;
    transport.forget("a");
    const closed = waiting.map((socket) => closing(socket));
    for (const socket of waiting) socket.write(OK);
    assert.equal((await result).outcome, "success");
    await Promise.all(closed);
  });

  it("ends what is in flight without blaming the receiver, and leaves no socket", async () => {
    const closed: Promise<unknown>[] = [];
    const came = signal();
    const { url } = await receive(
      rawReceiver((socket) => {
        closed.push(closing(socket));
        came.resolve();
      }),
    );
    const result = send(url, integrationAt(url));
    await came.promise;
    await transport.close();
    assert.deepEqual([(await result).outcome, (await result).reason], [null, "local-network"]);
    await Promise.all(closed);
  });

  it("is for good", async () => {
    const receiver = await receive(rawReceiver(says(OK)));
    await transport.close();
    const result = await send(receiver.url, integrationAt(receiver.url));
    assert.deepEqual([result.outcome, result.reason], [null, "local-network"]);
    assert.equal(receiver.connections, 0);
  });
});

describe("an integration that has nothing to send", () => {
  it("has its connections closed after half a minute", async () => {
    let now = 0;
    const timers = new Set<{ at: number; callback: () => void }>();
    const clock = {
      now: () => now,
      schedule(delayMs: number, callback: () => void) {
        const timer = { at: now + delayMs, callback };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    };
    const pass = (ms: number) => {
      now += ms;
      for (const timer of [...timers]) if (timer.at <= now && timers.delete(timer)) timer.callback();
    };
    const idle = createTransport({ clock });
    let closed: Promise<unknown> | undefined;
    const { url } = await receive(
      rawReceiver((socket) => {
        closed = closing(socket);
        socket.write(OK.replace("\r\n", "\r\nkeep-alive: timeout=600\r\n"));
      }),
    );
    await idle.send(requestTo(url), integrationAt(url));
    assert.equal(timers.size, 1);
    pass(30_000);
    await closed;
    assert.equal(timers.size, 0);
    await idle.close();
  });
});
