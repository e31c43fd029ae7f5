import type { Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { type buildConnector, Client, type Dispatcher } from "undici";
import type { LiveIntegration } from "../integration/integration-spec";
import type { Clock } from "../time/clock";
import type { OutgoingRequest } from "../wire/outgoing-request";
import type { Lookup } from "./checked-addresses";
import { guardedConnector } from "./guarded-connector";

export interface PoolOptions {
  clock: Clock;
  onSocket: (socket: Socket) => void;
  lookup: Lookup;
}

/** Header bytes of an answer. */
const LARGEST_HEADERS_BYTES = 16 * 1024;
/**
 * How long a connection is kept for the next request where the receiver does not say. Shorter than what common servers
 * allow, so that they seldom hang up just when a request is on its way.
 */
const KEEP_ALIVE_MS = 4_000;
const LONGEST_KEEP_ALIVE_MS = 30_000;

/** What decides where and how an integration's connections are made. */
type Settings = Pick<LiveIntegration, "tls" | "proxy"> & {
  origin: string;
  connections: number;
  allowPrivate: boolean;
};

/** One connection of a pool, made when it is first needed, and anew when it was closed. */
export class Line {
  /** Attempts that were given it and are not over. */
  inUse = 0;
  /** How often a connection was begun. As long as it stays the same, it is the same connection. */
  opened = 0;
  readonly client: Client;

  constructor(origin: string, connect: buildConnector.connector) {
    this.client = new Client(origin, {
      pipelining: 1,
      allowH2: false,
      // The deadline of the whole attempt is the transport's.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: LARGEST_HEADERS_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
      connect: (target, callback) => {
        this.opened++;
        connect(target, callback);
      },
    });
  }
}

/**
 * The connections of one integration: as many as it may have attempts at the same time. undici's own pool would take
 * 16 kB for each integration, and cannot tell which connection a request went over.
 */
export class IntegrationPool {
  /** When it was last used. */
  usedAt = 0;

  readonly #settings: Settings;
  readonly #connect: buildConnector.connector;
  #lines: Line[] = [];
  #integration: LiveIntegration;
  /** The last URL and its path and query, so that a URL is read once and not with each attempt. */
  #url: string;
  #path: string;

  constructor(integration: LiveIntegration, url: URL, { clock, onSocket, lookup }: PoolOptions) {
    const { allowPrivate, tls, proxy } = settingsOf(integration, url.origin);
    this.#integration = integration;
    this.#settings = settingsOf(integration, url.origin);
    this.#url = url.href;
    this.#path = url.pathname + url.search;
    this.#connect = guardedConnector({
      route: { allowPrivate, tls, proxy },
      timeoutMs: () => this.#integration.spec.timeoutMs,
      clock,
      onSocket,
      lookup,
    });
  }

  /** Whether an attempt is using it. */
  get isInUse(): boolean {
    return this.#lines.some(({ inUse }) => inUse > 0);
  }

  /** Whether the pool serves the integration as its settings are now. */
  fits(integration: LiveIntegration, url: string): boolean {
    if (integration === this.#integration && url === this.#url) return true;
    if (!URL.canParse(url)) return false;
    const { origin, pathname, search } = new URL(url);
    if (!isDeepStrictEqual(settingsOf(integration, origin), this.#settings)) return false;
    this.#integration = integration;
    this.#url = url;
    this.#path = pathname + search;
    return true;
  }

  /** The connection for an attempt, to be given back with {@link release}. */
  take(): Line {
    const line = this.#freeLine();
    line.inUse++;
    return line;
  }

  /** Sends a request to the URL that the pool was last found to fit. */
  dispatch(line: Line, { headers, body }: OutgoingRequest, handler: Dispatcher.DispatchHandler): void {
    line.client.dispatch({ path: this.#path, method: "POST", headers, body }, handler);
  }

  /** @param isSound whether the connection may be used again */
  release(line: Line, isSound: boolean): void {
    line.inUse--;
    if (isSound) return;
    this.#lines = this.#lines.filter((each) => each !== line);
    void line.client.close();
  }

  /** Closes the connections once the attempts in flight are over. */
  close(): void {
    for (const { client } of this.#lines) void client.close();
    this.#lines = [];
  }

  /** Cuts the connections. */
  destroy(): void {
    for (const { client } of this.#lines) void client.destroy();
    this.#lines = [];
  }

  /** One that is free, or a new one; if there are enough, the one with the shortest queue. */
  #freeLine(): Line {
    let shortest: Line | undefined;
    for (const line of this.#lines) {
      if (line.inUse === 0) return line;
      if (shortest === undefined || line.inUse < shortest.inUse) shortest = line;
    }
    if (shortest !== undefined && this.#lines.length >= this.#settings.connections) return shortest;
    const line = new Line(this.#settings.origin, this.#connect);
    this.#lines.push(line);
    return line;
  }
}

function settingsOf({ spec, tls, proxy }: LiveIntegration, origin: string): Settings {
  return { origin, connections: spec.concurrency, allowPrivate: spec.allowPrivate, tls, proxy };
}
