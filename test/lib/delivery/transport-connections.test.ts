import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import type { LiveIntegration } from "../../../nodes/lib/integration/integration-spec";
import { FakeClock } from "../../fixtures/fake-clock";
import { integrationAt, rawReceiver, requestTo } from "./receiver";
import { closing, OK, says, useTransport } from "./transport-under-test";

/** A promise and what resolves it. */
function signal() {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}

describe("the transport's connections", () => {
  const sut = useTransport();

  describe("a connection that the receiver closed while it was idle", () => {
    it("is replaced at once where the receiver has not answered", async () => {
      const { url } = await sut.receive(
        rawReceiver((socket, count) => {
          // The second request comes on a connection of which the receiver has just thought better.
          if (count === 2) socket.destroy();
          else socket.write(OK);
        }),
      );
      const integration = integrationAt(url, { concurrency: 1 });
      assert.equal((await sut.transport.send(requestTo(url), integration)).outcome, "success");
      assert.equal((await sut.transport.send(requestTo(url), integration)).outcome, "success");
    });

    it("is replaced once, not for ever", async () => {
      let requests = 0;
      const { url } = await sut.receive(
        rawReceiver((socket, count) => {
          requests = count;
          if (count === 1) socket.write(OK);
          else socket.destroy();
        }),
      );
      const integration = integrationAt(url, { concurrency: 1 });
      await sut.transport.send(requestTo(url), integration);
      assert.equal((await sut.transport.send(requestTo(url), integration)).reason, "reset");
      assert.equal(requests, 3);
    });

    it("is not replaced where it was new", async () => {
      let requests = 0;
      const result = await sut.sendTo((socket, count) => {
        requests = count;
        socket.destroy();
      });
      assert.equal(result.reason, "reset");
      assert.equal(requests, 1);
    });
  });

  describe("closing", () => {
    const send = (url: string, integration: LiveIntegration) => sut.transport.send(requestTo(url), integration);

    it("an integration's connections lets its attempts in flight finish", async () => {
      const waiting: Socket[] = [];
      const came = signal();
      const { url } = await sut.receive(
        rawReceiver((socket) => {
          waiting.push(socket);
          came.resolve();
        }),
      );
      const result = send(url, integrationAt(url));
      await came.promise;
      sut.transport.forget("a");
      const closed = waiting.map((socket) => closing(socket));
      for (const socket of waiting) socket.write(OK);
      assert.equal((await result).outcome, "success");
      await Promise.all(closed);
    });

    it("ends what is in flight without blaming the receiver, and leaves no socket", async () => {
      const closed: Promise<unknown>[] = [];
      const came = signal();
      const { url } = await sut.receive(
        rawReceiver((socket) => {
          closed.push(closing(socket));
          came.resolve();
        }),
      );
      const result = send(url, integrationAt(url));
      await came.promise;
      await sut.transport.close();
      assert.deepEqual([(await result).outcome, (await result).reason], [null, "local-network"]);
      await Promise.all(closed);
    });

    it("is for good", async () => {
      const receiver = await sut.receive(rawReceiver(says(OK)));
      await sut.transport.close();
      const result = await send(receiver.url, integrationAt(receiver.url));
      assert.deepEqual([result.outcome, result.reason], [null, "local-network"]);
      assert.equal(receiver.connections, 0);
    });
  });

  describe("an integration that has nothing to send", () => {
    it("has its connections closed after half a minute", async () => {
      const clock = new FakeClock();
      const idle = createTransport({ clock });
      let closed: Promise<unknown> | undefined;
      const { url } = await sut.receive(
        rawReceiver((socket) => {
          closed = closing(socket);
          socket.write(OK.replace("\r\n", "\r\nkeep-alive: timeout=600\r\n"));
        }),
      );
      await idle.send(requestTo(url), integrationAt(url));
      assert.equal(clock.timers, 1);
      clock.advance(30_000);
      await closed;
      assert.equal(clock.timers, 0);
      await idle.close();
    });
  });
});
