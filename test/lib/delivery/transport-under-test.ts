import type { Socket } from "node:net";
import type { Transport, TransportResult } from "../../../nodes/lib/delivery/transport";
import { createTransport } from "../../../nodes/lib/delivery/undici-transport";
import { integrationAt, type Receiver, rawReceiver, requestTo } from "./receiver";

/** A whole answer. */
export const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** A transport over real sockets, and the receivers that it sends to. */
export class TransportUnderTest {
  #transport: Transport | null = null;
  #receivers: Receiver[] = [];

  get transport(): Transport {
    if (this.#transport === null) throw new Error("there is a transport only while a test runs");
    return this.#transport;
  }

  begin(): void {
    this.#transport = createTransport();
  }

  async end(): Promise<void> {
    await this.transport.close();
    this.#transport = null;
    await Promise.all(this.#receivers.splice(0).map((receiver) => receiver.close()));
  }

  async receive(starting: Promise<Receiver>): Promise<Receiver & { url: string }> {
    const receiver = await starting;
    this.#receivers.push(receiver);
    return Object.assign(receiver, { url: `http://127.0.0.1:${receiver.port}/hooks?a=1` });
  }

  /** Sends one request to a receiver that answers so, byte for byte. */
  async sendTo(answer: (socket: Socket, count: number) => void, timeoutMs = 5_000): Promise<TransportResult> {
    const { url } = await this.receive(rawReceiver(answer));
    return await this.transport.send(requestTo(url), integrationAt(url, { timeoutMs }));
  }
}

/** A transport for each test of the enclosing `describe`. */
export function useTransport(): TransportUnderTest {
  const sut = new TransportUnderTest();
  beforeEach(() => sut.begin());
  afterEach(() => sut.end());
  return sut;
}

/** A receiver that says the same to each request. */
export function says(text: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(text);
  };
}

export function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.once("close", resolve);
  });
}
