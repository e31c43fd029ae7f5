import assert from "node:assert/strict";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { integrationAt, listening, rawReceiver, requestTo } from "./receiver";
import { closing, OK, says, useTransport } from "./transport-under-test";

describe("a hostile receiver", () => {
  const sut = useTransport();

  it("that accepts and says nothing is a time-out", async () => {
    const result = await sut.sendTo(() => {}, 100);
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "timeout", 0]);
  });

  it("that drips its headers is a time-out", async () => {
    const result = await sut.sendTo((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const drip = setInterval(() => socket.write("x: y\r\n"), 5);
      socket.once("close", () => clearInterval(drip));
    }, 150);
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "timeout", 0]);
  });

  it("that drips its body is a time-out, with what came shown", async () => {
    const result = await sut.sendTo((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nso far");
      const drip = setInterval(() => socket.write("."), 5);
      socket.once("close", () => clearInterval(drip));
    }, 150);
    assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "timeout", 200]);
    assert.match(result.responseBody, /^so far\.*$/);
  });

  it("that stalls in the middle of its body is a time-out, and is let go of", async () => {
    let closed: Promise<unknown> | undefined;
    const result = await sut.sendTo((socket) => {
      closed = closing(socket);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    }, 100);
    assert.equal(result.outcome, "timeout");
    await closed;
  });

  it("that never ends its body is cut off after 64 KiB, and its status counts", async () => {
    let sent = 0;
    let closed: Promise<unknown> | undefined;
    const result = await sut.sendTo((socket) => {
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
      const result = await sut.sendTo(says(`HTTP/1.1 200 OK\r\n${bomb}\r\n\r\n`));
      assert.deepEqual([result.outcome, result.reason, result.statusCode], ["timeout", "bad-response", 0]);
    }
  });

  it("that sends many small headers has some of them logged", async () => {
    const many = Array.from({ length: 500 }, (_, count) => `x-${count}: ${count}`).join("\r\n");
    const result = await sut.sendTo(
      says(`HTTP/1.1 200 OK\r\n__proto__: x\r\n${many}\r\ny: ${"y".repeat(900)}\r\ncontent-length: 0\r\n\r\n`),
    );
    assert.equal(result.outcome, "success");
    assert.ok(Object.keys(result.responseHeaders).length <= 64);
    const long = await sut.sendTo(says(`HTTP/1.1 200 OK\r\ny: ${"y".repeat(9_000)}\r\ncontent-length: 0\r\n\r\n`));
    assert.equal(long.responseHeaders.y?.length, 512);
  });

  it("that floods with interim answers is a bad response", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    const result = await sut.sendTo((socket) => {
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
    const result = await sut.sendTo(says(early.repeat(3) + OK));
    assert.deepEqual([result.outcome, result.statusCode, result.responseBody], ["success", 200, "ok"]);
  });

  it("that switches to another protocol is a bad response", async () => {
    const result = await sut.sendTo(says("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"));
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
      const result = await sut.sendTo(says(text));
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
      const result = await sut.sendTo((socket) => socket.end(text));
      assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
    });
  }

  for (const [name, text] of [
    ["fewer bytes than it announced", "content-length: 10\r\n\r\nabc"],
    ["half a chunk", "transfer-encoding: chunked\r\n\r\n5\r\nab"],
  ]) {
    it(`that closes, as it said it would, after ${name} is a bad response`, async () => {
      const result = await sut.sendTo((socket) => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n${text}`));
      assert.deepEqual([result.outcome, result.reason], ["timeout", "bad-response"]);
    });
  }

  it("that cuts the connection is a reset", async () => {
    const result = await sut.sendTo((socket) => socket.resetAndDestroy());
    assert.deepEqual([result.outcome, result.reason], ["timeout", "reset"]);
  });

  it("that ends its body by hanging up, as HTTP/1.0 did, is heard", async () => {
    const result = await sut.sendTo((socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nold but fine"));
    assert.deepEqual([result.outcome, result.responseBody], ["success", "old but fine"]);
  });

  it("that says more than it announced is heard to the end it announced", async () => {
    const result = await sut.sendTo(says(`${OK}and more`));
    assert.deepEqual([result.outcome, result.responseBody], ["success", "ok"]);
  });

  it("cannot make the next request read an answer that it sent before", async () => {
    const { url } = await sut.receive(
      rawReceiver((socket, count) => {
        socket.write(count === 1 ? OK + OK.replace("ok", "no") : OK);
      }),
    );
    assert.equal((await sut.transport.send(requestTo(url), integrationAt(url))).responseBody, "ok");
    assert.equal((await sut.transport.send(requestTo(url), integrationAt(url))).responseBody, "ok");
  });

  it("cannot make us unpack a bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const result = await sut.sendTo((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    assert.deepEqual([result.outcome, result.responseBody], ["success", "(packed as gzip, not shown)"]);
  });

  it("that answers before it has read the request is heard", async () => {
    const server = createServer((socket) => {
      socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
    });
    const { url } = await sut.receive(listening(server));
    const result = await sut.transport.send(requestTo(url, "x".repeat(1_000_000)), integrationAt(url));
    assert.deepEqual([result.reason, result.responseBody], ["http-413", "big"]);
  });

  it("that never reads the request is a time-out", async () => {
    const server = createServer((socket) => socket.pause());
    const { url } = await sut.receive(listening(server));
    const integration = integrationAt(url, { timeoutMs: 150 });
    const result = await sut.transport.send(requestTo(url, "x".repeat(20_000_000)), integration);
    assert.deepEqual([result.outcome, result.reason], ["timeout", "timeout"]);
  });

  it("cannot hold back another integration", async () => {
    const hanging = await sut.receive(rawReceiver(() => {}));
    const healthy = await sut.receive(rawReceiver(says(OK)));
    const stuck = integrationAt(hanging.url, { id: "hanging", timeoutMs: 60_000 });
    const waiting = Array.from({ length: 8 }, () => sut.transport.send(requestTo(hanging.url), stuck));
    for (let count = 0; count < 20; count++) {
      const result = await sut.transport.send(requestTo(healthy.url), integrationAt(healthy.url, { id: "healthy" }));
      assert.equal(result.outcome, "success");
    }
    await sut.transport.close();
    assert.deepEqual(new Set((await Promise.all(waiting)).map(({ reason }) => reason)), new Set(["local-network"]));
  });
});
