import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { TlsSettings } from "../integration/integration-spec";
import { oneLine } from "./display-text";
import { isMailAddress } from "./mail-address";
import { mailMessage } from "./mail-message";
import type { MailSender, OutgoingMail, OwnerMailer, SendOptions, SendResult } from "./owner-mailer";

export interface SmtpTimeouts {
  /** For look-up and connecting, ms. */
  connectionMs: number;
  /** For the server's greeting and a TLS upgrade, ms. */
  greetingMs: number;
  /** Without a byte from the server, ms. */
  silenceMs: number;
  /** For one mail as a whole, ms: a server that drips bytes cannot stall us. */
  mailMs: number;
}

export interface SmtpSettings {
  host: string;
  port: number;
  /** TLS from the first byte (port 465). Otherwise STARTTLS is used where the server offers it. */
  secure: boolean;
  from: MailSender;
  /** Empty means that nobody logs in. */
  user: string;
  password: string;
  /** Null means Node's defaults. */
  tls: TlsSettings | null;
  timeouts?: Partial<SmtpTimeouts>;
}

const DEFAULT_TIMEOUTS: SmtpTimeouts = {
  connectionMs: 15_000,
  greetingMs: 15_000,
  silenceMs: 30_000,
  mailMs: 120_000,
};

/** A log-in stays on this machine, so it may go unencrypted. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/**
 * Sends each mail over an SMTP connection of its own. 5xx answers are permanent, 4xx answers and network trouble are
 * transient. If the connection breaks after the mail was handed over and before the server answered, the result is
 * `"unknown"`. A password is never sent unencrypted to another machine.
 */
export class SmtpMailer implements OwnerMailer {
  readonly #settings: SmtpSettings;
  readonly #timeouts: SmtpTimeouts;
  readonly #closing = new AbortController();
  readonly #sending = new Set<Promise<SendResult>>();

  constructor(settings: SmtpSettings) {
    this.#settings = settings;
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...settings.timeouts };
  }

  async send(mail: OutgoingMail, options: SendOptions = {}): Promise<SendResult> {
    const sending = this.#send(mail, options);
    this.#sending.add(sending);
    return sending.finally(() => this.#sending.delete(sending));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#sending);
  }

  async #send(mail: OutgoingMail, options: SendOptions): Promise<SendResult> {
    if (!isMailAddress(mail.to)) {
      return { accepted: false, permanent: true, error: `${oneLine(mail.to, 80)} is not a mail address` };
    }
    const limits = [this.#closing.signal, AbortSignal.timeout(this.#timeouts.mailMs)];
    if (options.signal) limits.push(options.signal);
    const signal = AbortSignal.any(limits);
    if (signal.aborted)
      return { accepted: false, permanent: false, error: "the mail was not sent: sending was stopped" };
    let handedOver = false;
    try {
      const message = await mailMessage(mail, this.#settings.from);
      await this.#deliver(mail.to, message, signal, async () => {
        await options.beforeHandingOver?.();
        handedOver = true;
      });
      return { accepted: true };
    } catch (error) {
      const { responseCode, code } = failureOf(error);
      const problem = this.#withoutSecrets(describe(error));
      if (responseCode === null && handedOver) {
        return {
          accepted: "unknown",
          error: `the connection broke after the mail was handed over, it may have arrived and is not sent again: ${problem}`,
        };
      }
      // Without an answer, EMESSAGE says that the mail is larger than the server announced to take.
      const permanent = responseCode === null ? code === "EMESSAGE" : responseCode >= 500;
      return { accepted: false, permanent, error: problem };
    }
  }

  /** Resolves when the server has taken the mail; the socket is closed in any case. */
  #deliver(to: string, message: Buffer, signal: AbortSignal, beforeHandingOver: () => Promise<void>): Promise<void> {
    const { host, port, secure, from, user, password, tls } = this.#settings;
    const connection = new SMTPConnection({
      host,
      port,
      secure,
      requireTLS: !secure && user !== "" && !LOOPBACK.test(host),
      tls: tls ?? {},
      connectionTimeout: this.#timeouts.connectionMs,
      dnsTimeout: this.#timeouts.connectionMs,
      greetingTimeout: this.#timeouts.greetingMs,
      socketTimeout: this.#timeouts.silenceMs,
      socketCloseTimeout: 1_000,
      maxResponseSize: 64 * 1_024,
    });
    return new Promise<void>((resolve, reject) => {
      const stop = () => reject(new Error("sending was stopped, or took too long"));
      signal.addEventListener("abort", stop, { once: true });
      connection.on("error", reject);
      const transfer = () =>
        connection.send(
          { from: from.address, to: [to], size: message.length },
          messageStream(message, beforeHandingOver),
          (error) => (error ? reject(error) : resolve()),
        );
      connection.connect((error) => {
        if (error) reject(error);
        else if (user === "") transfer();
        else connection.login({ user, pass: password }, (refused) => (refused ? reject(refused) : transfer()));
      });
    }).finally(() => connection.close());
  }

  /** A server may answer with what it was sent; a password must not come back in an error. */
  #withoutSecrets(text: string): string {
    const { user, password } = this.#settings;
    if (password === "") return text;
    const encoded = [`\0${user}\0${password}`, password].map((secret) => Buffer.from(secret).toString("base64"));
    return oneLine(
      [password, ...encoded].reduce((shown, secret) => shown.replaceAll(secret, "(hidden)"), text),
      300,
    );
  }
}

/** nodemailer reads the message only when the server has asked for it: the first read is the moment of handing over. */
function messageStream(message: Buffer, beforeHandingOver: () => Promise<void>): Readable {
  async function* chunks() {
    await beforeHandingOver();
    yield message;
  }
  return Readable.from(chunks(), { objectMode: false, highWaterMark: 1 });
}

function failureOf(error: unknown): { responseCode: number | null; code: string | null } {
  if (!(error instanceof Error)) return { responseCode: null, code: null };
  return {
    responseCode: "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : null,
    code: "code" in error && typeof error.code === "string" ? error.code : null,
  };
}

function describe(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : error, 1_000);
}
