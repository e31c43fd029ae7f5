import type { LookupAddress } from "node:dns";
import { isIP, connect as netConnect, type Socket } from "node:net";
import { createSecureContext, type SecureContext, type TLSSocket, connect as tlsConnect } from "node:tls";
import { type buildConnector, Client } from "undici";
import type { ProxySettings, TlsSettings } from "../integration/integration-spec";
import type { Clock } from "../time/clock";
import type { LocalReason, NoAnswerReason } from "./attempt";
import { AttemptFailure } from "./attempt-failure";
import { isSpecialAddress } from "./blocked-address";
import { checkedAddresses, type Lookup } from "./checked-addresses";
import { codeOf, networkReason } from "./network-reason";
import { isWithoutProxy } from "./no-proxy";

/** How a receiver is reached. */
export interface Route {
  allowPrivate: boolean;
  tls: TlsSettings | null;
  proxy: ProxySettings | null;
}

export interface ConnectorOptions {
  route: Route;
  /** Time for a connection to stand, from the look-up to the end of the TLS handshake. */
  timeoutMs: () => number;
  clock: Clock;
  /** Told of each TCP socket as it is made. */
  onSocket: (socket: Socket) => void;
  lookup: Lookup;
}

/** With several addresses, how long one is waited for before the next is tried too. */
const NEXT_ADDRESS_AFTER_MS = 1_000;
const TCP_KEEP_ALIVE_MS = 60_000;

/**
 * Makes undici's connections: to addresses that were looked up and checked, and to no others, so that a name cannot
 * change its mind between the look-up and the connection. Fails with {@link AttemptFailure} only.
 *
 * Through a proxy everything goes by CONNECT. The name is checked here as far as it is known here, but the proxy looks it
 * up again: what it may connect to is for its own rules to say.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const shared: Shared = { options, session: undefined, context: undefined };
  return (target, callback) => {
    new Opening(shared).open(target).then(
      (socket) => callback(null, socket),
      (error: unknown) =>
        callback(error instanceof AttemptFailure ? error : new AttemptFailure("local-network", error), null),
    );
  };
}

/** What the connections to one receiver share. */
interface Shared {
  readonly options: ConnectorOptions;
  /** Of the last TLS connection, to shorten the next handshake. */
  session: Buffer | undefined;
  context: SecureContext | undefined;
}

interface Endpoint {
  /** IPv6 without brackets. */
  hostname: string;
  port: number;
}

/** One connection on its way. */
class Opening {
  /** What it means if the time is up now. */
  #stage: NoAnswerReason | LocalReason = "local-dns";
  #socket: Socket | null = null;
  #isOver = false;

  constructor(private readonly shared: Shared) {}

  async open({ hostname, port, protocol }: buildConnector.Options): Promise<Socket> {
    const { clock, timeoutMs } = this.shared.options;
    const isSecure = protocol === "https:";
    const target = { hostname, port: Number(port) || (isSecure ? 443 : 80) };
    let cancel = () => {};
    const timeUp = new Promise<never>((_, reject) => {
      cancel = clock.schedule(timeoutMs(), () => {
        this.#isOver = true;
        this.#socket?.destroy();
        reject(new AttemptFailure(this.#stage));
      });
    });
    try {
      return await Promise.race([this.#connect(target, isSecure), timeUp]);
    } finally {
      cancel();
    }
  }

  async #connect(target: Endpoint, isSecure: boolean): Promise<Socket> {
    const { proxy } = this.shared.options.route;
    const socket =
      proxy === null || isWithoutProxy(target.hostname, target.port, proxy.noProxy)
        ? await this.#direct(target)
        : await this.#tunnel(target, proxy);
    return isSecure ? await this.#secure(socket, target.hostname) : socket;
  }

  async #direct(target: Endpoint): Promise<Socket> {
    const { route } = this.shared.options;
    const addresses = await checkedAddresses(target.hostname, route.allowPrivate, this.shared.options.lookup);
    this.#stage = "timeout";
    const socket = await this.#tcp(target, addresses);
    // Cannot differ from the addresses above; if it ever does, nothing is sent there.
    if (!route.allowPrivate && isSpecialAddress(socket.remoteAddress ?? "")) {
      socket.destroy();
      throw new AttemptFailure("blocked-address");
    }
    return socket;
  }

  async #tunnel(target: Endpoint, proxy: ProxySettings): Promise<Socket> {
    await this.#checkBehindProxy(target.hostname);
    this.#stage = "proxy";
    try {
      const url = new URL(proxy.url);
      const isSecure = url.protocol === "https:";
      const hostname = withoutBrackets(url.hostname);
      const port = Number(url.port) || (isSecure ? 443 : 80);
      const addresses = await checkedAddresses(hostname, true, this.shared.options.lookup);
      const plain = await this.#tcp({ hostname, port }, addresses);
      const socket = isSecure ? await this.#handshake(plain, hostname, { rejectUnauthorized: true }) : plain;
      this.#stage = "timeout";
      return await throughProxy(socket, proxy, target);
    } catch (error) {
      throw new AttemptFailure("proxy", error);
    }
  }

  async #checkBehindProxy(hostname: string): Promise<void> {
    try {
      await checkedAddresses(hostname, this.shared.options.route.allowPrivate, this.shared.options.lookup);
    } catch (error) {
      if (error instanceof AttemptFailure && error.reason === "blocked-address") throw error;
      // Many networks leave outside names to the proxy: one that is not known here may be known there.
    }
  }

  async #tcp({ hostname, port }: Endpoint, addresses: LookupAddress[]): Promise<Socket> {
    if (this.#isOver) throw new AttemptFailure(this.#stage);
    const socket = netConnect({
      host: hostname,
      port,
      lookup: (_hostname, { all }, callback) => {
        const [first] = addresses;
        if (all || first === undefined) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    });
    this.shared.options.onSocket(socket);
    try {
      await this.#until(socket, "connect", socket);
    } catch (error) {
      throw new AttemptFailure(connectReason(error), error);
    }
    return socket;
  }

  async #secure(plain: Socket, hostname: string): Promise<Socket> {
    const { shared } = this;
    const { tls } = shared.options.route;
    this.#stage = "timeout";
    shared.context ??= tls === null ? defaultContext() : contextOf(tls);
    const socket = await this.#handshake(plain, hostname, {
      secureContext: shared.context,
      rejectUnauthorized: tls?.rejectUnauthorized ?? true,
      ...(tls?.servername === undefined || tls.servername === "" ? {} : { servername: tls.servername }),
      ...(shared.session === undefined ? {} : { session: shared.session }),
    });
    socket.on("session", (session) => {
      shared.session = session;
    });
    return socket;
  }

  async #handshake(
    plain: Socket,
    hostname: string,
    settings: { rejectUnauthorized: boolean; secureContext?: SecureContext; servername?: string; session?: Buffer },
  ): Promise<TLSSocket> {
    const socket = tlsConnect({
      socket: plain,
      host: hostname,
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
      ALPNProtocols: ["http/1.1"],
      ...settings,
    });
    try {
      await this.#until(socket, "secureConnect", plain);
    } catch (error) {
      const reason = networkReason(codeOf(error));
      throw new AttemptFailure(reason ?? "tls", error);
    }
    return socket;
  }

  /** Resolves at a socket's event. Rejects at its error, or when it or the socket below it closes. */
  #until(socket: Socket, event: "connect" | "secureConnect", below: Socket): Promise<void> {
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      socket.once(event, resolve);
      // Stays: an error between now and undici's own listener must not end the process.
      socket.on("error", reject);
      // TLS within TLS is not always told that its ground is gone.
      for (const each of new Set([socket, below])) each.once("close", () => reject(new AttemptFailure("reset")));
    });
  }
}

/** Asks a proxy for a connection to a host. Rejects with whatever went wrong. */
async function throughProxy(socket: Socket, proxy: ProxySettings, { hostname, port }: Endpoint): Promise<Socket> {
  const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  const headers: Record<string, string> = { host: authority };
  if (proxy.username !== "" || proxy.password !== "") {
    const credentials = Buffer.from(`${proxy.username}:${proxy.password}`, "utf8").toString("base64");
    headers["proxy-authorization"] = `Basic ${credentials}`;
  }
  const client = new Client(new URL(proxy.url).origin, {
    // Not at once: undici goes on only after a connector that took its time.
    connect: (_, callback) => queueMicrotask(() => callback(null, socket)),
  });
  const answer = await client.connect({ path: authority, headers });
  if (answer.statusCode < 200 || answer.statusCode > 299) {
    socket.destroy();
    throw new Error(`the proxy answered ${answer.statusCode}`);
  }
  return socket;
}

/** Why no TCP connection came about. With several addresses, what a receiver did counts for more than what we lack. */
function connectReason(error: unknown): NoAnswerReason | LocalReason {
  if (error instanceof AttemptFailure) return error.reason;
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const reasons = errors.map((each) => networkReason(codeOf(each)) ?? "local-network");
  return reasons.find((reason) => reason !== "local-network") ?? "local-network";
}

let sharedContext: SecureContext | undefined;

/** Node's own trust, read once: making a context takes longer than a handshake. */
function defaultContext(): SecureContext {
  sharedContext ??= createSecureContext();
  return sharedContext;
}

/** Throws {@link AttemptFailure} if the certificates or the key of the settings cannot be used. */
function contextOf({ ca, cert, key, passphrase }: TlsSettings): SecureContext {
  try {
    return createSecureContext({
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(passphrase ? { passphrase } : {}),
    });
  } catch (error) {
    throw new AttemptFailure("no-secret", error);
  }
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
