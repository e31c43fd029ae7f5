import type { Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { type Dispatcher, Pool } from "undici";
import type { LiveIntegration } from "../integration/integration-spec";
import type { Clock } from "../time/clock";
import type { OutgoingRequest } from "../wire/outgoing-request";
import type { Lookup } from "./checked-addresses";
import { guardedConnector } from "./guarded-connector";

export interface PoolOptions {
  clock: Clock;
  onSocket: (socket: Socket) => void;
  lookup?: Lookup;
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

/** The connections of one integration: as many as it may have attempts at the same time. */
export class IntegrationPool {
  /** Attempts that are using it. */
  inUse = 0;
  /** When it was last used. */
  usedAt = 0;

  readonly #settings: Settings;
  #pool: Pool;
  #opened = 0;
  #integration: LiveIntegration;
  /** The last URL and its path and query, so that a URL is read once and not with each attempt. */
  #url: string;
  #path: string;

  constructor(
    integration: LiveIntegration,
    url: URL,
    private readonly options: PoolOptions,
  ) {
    this.#integration = integration;
    this.#settings = settingsOf(integration, url.origin);
    this.#url = url.href;
    this.#path = url.pathname + url.search;
    this.#pool = this.#open();
  }

  /** Counts connections made so far. An attempt during which it stays the same went over one that stood before. */
  get opened(): number {
    return this.#opened;
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

  /** Sends a request to the URL that the pool was last found to fit. */
  dispatch({ headers, body }: OutgoingRequest, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch({ path: this.#path, method: "POST", headers, body }, handler);
  }

  /** Makes the next attempts use new connections; attempts in flight go on. */
  renew(): void {
    void this.#pool.close();
    this.#pool = this.#open();
  }

  /** Closes the connections once the attempts in flight are over. */
  close(): void {
    void this.#pool.close();
  }

  /** Cuts the connections. */
  destroy(): void {
    void this.#pool.destroy();
  }

  #open(): Pool {
    const { origin, connections, allowPrivate, tls, proxy } = this.#settings;
    const { clock, lookup, onSocket } = this.options;
    return new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      // The deadline of the whole attempt is the transport's.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: LARGEST_HEADERS_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
      connect: guardedConnector({
        route: { allowPrivate, tls, proxy },
        timeoutMs: () => this.#integration.spec.timeoutMs,
        clock,
        onSocket: (socket) => {
          this.#opened++;
          onSocket(socket);
        },
        ...(lookup === undefined ? {} : { lookup }),
      }),
    });
  }
}

function settingsOf({ spec, tls, proxy }: LiveIntegration, origin: string): Settings {
  return { origin, connections: spec.concurrency, allowPrivate: spec.allowPrivate, tls, proxy };
}
