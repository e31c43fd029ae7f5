import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface ReceivedMail {
  to: string[];
  from: string;
  /** Whether it came over TLS. */
  secure: boolean;
  user: string | undefined;
  raw: string;
  mail: ParsedMail;
}

const fixture = (name: string) => readFileSync(join(__dirname, "../../fixtures", name), "utf8");
/** Of `mail.test`, `localhost` and 127.0.0.1. */
export const certificate = { cert: fixture("mail-server.cert.pem"), key: fixture("mail-server.key.pem") };

/** A real mail server on 127.0.0.1 that keeps what it receives. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  readonly #server: SMTPServer;

  constructor(options: SMTPServerOptions = {}) {
    this.#server = new SMTPServer({
      ...certificate,
      authOptional: true,
      disableReverseLookup: true,
      disabledCommands: ["STARTTLS"],
      closeTimeout: 1,
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const raw = Buffer.concat(chunks);
          simpleParser(raw).then((mail) => {
            this.received.push({
              to: session.envelope.rcptTo.map(({ address }) => address),
              from: session.envelope.mailFrom ? session.envelope.mailFrom.address : "",
              secure: session.secure,
              user: session.user,
              raw: raw.toString("utf8"),
              mail,
            });
            callback();
          }, callback);
        });
      },
      ...options,
    });
    // What a client does that breaks off is the client's business.
    this.#server.on("error", () => undefined);
  }

  /** @returns its port */
  async listen(): Promise<number> {
    const listener = this.#server.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    return port;
  }

  /** Cuts all connections without a word. */
  hangUp(): void {
    for (const connection of this.#server.connections) connection._socket.destroy();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}

/** The address of each mail's one recipient, sorted. */
export function recipientsOf(server: MailServer): string[] {
  return server.received.map(({ to }) => to.join("+")).sort();
}
