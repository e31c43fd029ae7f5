import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import type { Lookup } from "../../../nodes/lib/delivery/checked-addresses";
import type { Transport } from "../../../nodes/lib/delivery/transport";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import { integrationAt, type Receiver, rawReceiver, requestTo } from "./receiver";

describe("where the transport connects", () => {
  let receiver: Receiver;
  let transports: Transport[];
  /** Names that were looked up. */
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    transports = [];
    receiver = await rawReceiver((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });

  afterEach(async () => {
    await Promise.all(transports.map((transport) => transport.close()));
    await receiver.close();
  });

  /** A look-up that answers with these addresses, one list after the other, or an error's code. */
  function resolving(...answers: (string[] | string)[]): Lookup {
    return (hostname, _options, callback) => {
      asked.push(hostname);
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? [];
      setImmediate(() => {
        if (typeof answer === "string") callback(Object.assign(new Error(answer), { code: answer }), []);
        else
          callback(
            null,
            answer.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 })),
          );
      });
    };
  }

  async function send(
    host: string,
    {
      lookup,
      allowPrivate = false,
      timeoutMs = 5_000,
      scheme = "http",
    }: {
      lookup?: Lookup;
      allowPrivate?: boolean;
      timeoutMs?: number;
      scheme?: string;
    } = {},
  ) {
    const transport = createTransport(lookup === undefined ? {} : { lookup });
    transports.push(transport);
    const url = `${scheme}://${host}:${receiver.port}/`;
    return transport.send(requestTo(url), integrationAt(url, { allowPrivate, timeoutMs }));
  }

  describe("without leave to connect to private addresses", () => {
    for (const host of [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "0.0.0.0",
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
      "169.254.169.254",
      "[fd00:ec2::254]",
      "10.0.0.1",
    ]) {
      it(`refuses ${host}`, async () => {
        for (const scheme of ["http", "https"]) {
          const result = await send(host, { scheme });
          assert.deepEqual([result.outcome, result.reason, result.statusCode], [null, "blocked-address", 0]);
        }
        assert.equal(receiver.connections, 0);
      });
    }

    it("refuses localhost, as the system resolves it", async () => {
      assert.equal((await send("localhost")).reason, "blocked-address");
      assert.equal(receiver.connections, 0);
    });

    it("refuses a name that leads to a private address", async () => {
      assert.equal((await send("inside.test", { lookup: resolving(["127.0.0.1"]) })).reason, "blocked-address");
      assert.equal((await send("inside.test", { lookup: resolving(["fe80::1"]) })).reason, "blocked-address");
      assert.equal(receiver.connections, 0);
    });

    it("refuses a name with a private address among others", async () => {
      for (const addresses of [
        ["127.0.0.1", "192.0.43.8"],
        ["192.0.43.8", "2606:4700::1", "::ffff:127.0.0.1"],
      ]) {
        assert.equal((await send("both.test", { lookup: resolving(addresses) })).reason, "blocked-address");
      }
      assert.equal(receiver.connections, 0);
    });

    it("checks each new connection", async () => {
      const lookup = resolving(["127.0.0.1"]);
      assert.equal((await send("inside.test", { lookup })).reason, "blocked-address");
      assert.equal((await send("inside.test", { lookup })).reason, "blocked-address");
      assert.equal(asked.length, 2);
    });
  });

  describe("with leave to connect to private addresses", () => {
    it("connects to them by address and by name", async () => {
      assert.equal((await send("127.0.0.1", { allowPrivate: true })).outcome, "success");
      const lookup = resolving(["127.0.0.1"]);
      assert.equal((await send("inside.test", { allowPrivate: true, lookup })).outcome, "success");
    });

    it("connects to what it looked up, though the name should lead elsewhere a moment later", async () => {
      // Nobody listens on the first address; a second look-up would lead to the receiver.
      const lookup = resolving(["127.0.0.99"], ["127.0.0.1"]);
      const result = await send("rebinding.test", { allowPrivate: true, lookup, timeoutMs: 500 });
      assert.notEqual(result.outcome, "success");
      assert.deepEqual(asked, ["rebinding.test"]);
      assert.equal(receiver.connections, 0);
    });

    it("tries the next address of a name when one refuses", async () => {
      const lookup = resolving(["127.0.0.99", "::1", "127.0.0.1"]);
      assert.equal((await send("several.test", { allowPrivate: true, lookup })).outcome, "success");
    });
  });

  describe("a name", () => {
    it("that does not exist is the receiver's trouble", async () => {
      const result = await send("gone.test", { lookup: resolving("ENOTFOUND") });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "dns"]);
    });

    it("without addresses is the receiver's trouble", async () => {
      const result = await send("empty.test", { lookup: resolving([]) });
      assert.deepEqual([result.outcome, result.reason], ["timeout", "dns"]);
    });

    it("that we cannot look up is our trouble", async () => {
      for (const code of ["EAI_AGAIN", "EAI_FAIL", "EAI_MEMORY"]) {
        const result = await send("unknown.test", { lookup: resolving(code) });
        assert.deepEqual([result.outcome, result.reason], [null, "local-dns"]);
      }
    });

    it("whose look-up takes longer than the attempt may is our trouble, and nothing is sent later", async () => {
      let answer = () => {};
      const lookup: Lookup = (_hostname, _options, callback) => {
        answer = () => callback(null, [{ address: "127.0.0.1", family: 4 }]);
      };
      const result = await send("slow.test", { lookup, allowPrivate: true, timeoutMs: 50 });
      assert.deepEqual([result.outcome, result.reason], [null, "local-dns"]);
      answer();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(receiver.connections, 0);
    });

    it("is looked up once for all that wait for it, and again for who comes later", async () => {
      const answers: (() => void)[] = [];
      const lookup: Lookup = (_hostname, _options, callback) => {
        answers.push(() => callback(null, [{ address: "127.0.0.1", family: 4 }]));
      };
      const transport = createTransport({ lookup });
      transports.push(transport);
      const sendOnce = (id: string) => {
        const url = `http://shared.test:${receiver.port}/`;
        return transport.send(requestTo(url), integrationAt(url, { id }));
      };
      const sending = [sendOnce("a"), sendOnce("a"), sendOnce("b")];
      assert.equal(answers.length, 1);
      answers[0]?.();
      for (const result of await Promise.all(sending)) assert.equal(result.outcome, "success");
      const later = sendOnce("c");
      assert.equal(answers.length, 2);
      answers[1]?.();
      assert.equal((await later).outcome, "success");
    });
  });
});
