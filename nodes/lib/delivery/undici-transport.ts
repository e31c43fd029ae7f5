import { lookup as systemLookup } from "node:dns";
import type { Socket } from "node:net";
import type { LiveIntegration } from "../integration/integration-spec";
import { type Clock, systemClock } from "../time/clock";
import type { OutgoingRequest } from "../wire/outgoing-request";
import { Answer } from "./answer";
import { AttemptFailure } from "./attempt-failure";
import type { Lookup } from "./checked-addresses";
import { classifyAnswer, classifyFailure } from "./classify";
import { hiddenTexts } from "./hidden-texts";
import { IntegrationPool } from "./integration-pool";
import { loggedBody, loggedHeaders } from "./logged-answer";
import { sharedLookup } from "./shared-lookup";
import type { Transport, TransportResult } from "./transport";
import { transportResult } from "./transport-result";

export interface TransportOptions {
  /** The machine's unless given. */
  clock?: Clock;
  /** `lookup` of `node:dns` unless given. */
  lookup?: Lookup;
}

/** An integration's connections are closed when it had no attempt for so long, or up to twice as long. */
const IDLE_MS = 30_000;
/** A receiver that hung up just before a request came says so within a round trip. */
const STALE_WITHIN_MS = 1_000;

/** A transport over undici with a pool of connections for each integration. */
export function createTransport(options: TransportOptions = {}): Transport {
  return new UndiciTransport(options);
}

class UndiciTransport implements Transport {
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  readonly #pools = new Map<string, IntegrationPool>();
  readonly #running = new Set<Answer>();
  readonly #sockets = new Set<Socket>();
  #cancelSweep: (() => void) | null = null;
  #isClosed = false;
  #onNoSocket: (() => void) | null = null;

  constructor({ clock = systemClock, lookup = systemLookup }: TransportOptions) {
    this.#clock = clock;
    this.#lookup = sharedLookup(lookup);
  }

  send(request: OutgoingRequest, integration: LiveIntegration): Promise<TransportResult> {
    const pool = this.#isClosed ? null : this.#poolFor(integration, request.url);
    if (pool === null) {
      const failure = new AttemptFailure(this.#isClosed ? "local-network" : "blocked-address");
      return Promise.resolve(failed(failure));
    }
    return new Promise((resolve) => {
      const startedAt = this.#clock.now();
      let mayBeStale = true;
      let isOver = false;
      let cancelDeadline = () => {};
      let answer: Answer;
      const exchange = () => {
        const line = pool.take();
        const { opened } = line;
        const current = new Answer((error) => {
          this.#running.delete(current);
          pool.release(line, error === null);
          if (mayBeStale && line.opened === opened && this.#wasHungUp(error, current, startedAt)) {
            mayBeStale = false;
            // All that are free may have been closed alike.
            pool.close();
            exchange();
            return;
          }
          isOver = true;
          cancelDeadline();
          pool.usedAt = this.#clock.now();
          resolve(this.#result(error, current, integration));
        });
        answer = current;
        this.#running.add(current);
        pool.dispatch(line, request, current);
      };
      exchange();
      if (isOver) return;
      // After the request, so that a connection that is being made can say first what it waited for.
      cancelDeadline = this.#clock.schedule(integration.spec.timeoutMs, () =>
        answer.end(new AttemptFailure("timeout")),
      );
    });
  }

  forget(integration: string): void {
    this.#pools.get(integration)?.close();
    this.#pools.delete(integration);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep?.();
    this.#cancelSweep = null;
    for (const answer of [...this.#running]) answer.end(new AttemptFailure("local-network"));
    for (const pool of this.#pools.values()) pool.destroy();
    this.#pools.clear();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#sockets.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onNoSocket = resolve;
    });
  }

  /** The integration's pool, a new one if its settings changed; null if the URL is none to send to. */
  #poolFor(integration: LiveIntegration, text: string): IntegrationPool | null {
    const { id } = integration.spec;
    const known = this.#pools.get(id);
    if (known?.fits(integration, text)) return known;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
    known?.close();
    const pool = new IntegrationPool(integration, url, {
      clock: this.#clock,
      onSocket: (socket) => this.#track(socket),
      lookup: this.#lookup,
    });
    this.#pools.set(id, pool);
    this.#cancelSweep ??= this.#clock.schedule(IDLE_MS, () => this.#sweep());
    return pool;
  }

  #sweep(): void {
    const idleSince = this.#clock.now() - IDLE_MS;
    for (const [id, pool] of this.#pools) if (!pool.isInUse && pool.usedAt <= idleSince) this.forget(id);
    this.#cancelSweep = this.#pools.size === 0 ? null : this.#clock.schedule(IDLE_MS, () => this.#sweep());
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onNoSocket?.();
    });
    if (this.#isClosed) socket.destroy();
  }

  /**
   * Whether the receiver closed a connection that it had kept for us, just as the request was on its way. The caller knows
   * that the connection was not a new one. Then the request is sent once more, on a new connection: the receiver gave no
   * sign of having read it, and if it did, the webhook's id tells it so. Anything else is left to the retry schedule.
   */
  #wasHungUp(error: unknown, answer: Answer, startedAt: number): boolean {
    return (
      error !== null &&
      answer.isSent &&
      !answer.isAnswered &&
      !this.#isClosed &&
      this.#clock.now() - startedAt <= STALE_WITHIN_MS &&
      classifyFailure(error).reason === "reset"
    );
  }

  #result(error: unknown, answer: Answer, integration: LiveIntegration): TransportResult {
    if (!answer.isAnswered) return failed(error);
    const { statusCode, headers } = answer;
    const hidden = hiddenTexts(integration);
    const result =
      error === null ? transportResult(classifyAnswer(statusCode, headers, this.#clock.now())) : failed(error);
    result.statusCode = statusCode;
    result.responseHeaders = loggedHeaders(headers, hidden);
    result.responseBody = loggedBody(answer.body(), headers, hidden);
    return result;
  }
}

function failed(error: unknown): TransportResult {
  return transportResult(classifyFailure(error));
}
