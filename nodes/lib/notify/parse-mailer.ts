import * as v from "valibot";
import { check } from "../validation/check";
import { plainObject } from "../validation/plain-object";
import { readAs } from "../validation/read-as";
import { distinctAddresses, isMailAddress } from "./mail-address";
import type { MailSender } from "./owner-mailer";

/** Settings of an `owner-mailer` node, without what stands in its credentials. */
export type MailerSettings =
  | {
      transport: "folder";
      /** As entered; relative to the userDir unless absolute. */
      folder: string;
      from: MailSender;
    }
  | { transport: "smtp"; host: string; port: number; secure: boolean; from: MailSender };

const DEFAULT_FOLDER = "owner-mail";
const DEFAULT_SENDER: MailSender = { name: "Comment webhooks", address: "comment-webhooks@localhost" };
const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** An environment variable that Node-RED could not replace stays as it was written. */
const UNRESOLVED = /\$\{[^}]*\}/;
const HOST = /^(?:[\p{L}\p{N}\p{M}_-]+(?:\.[\p{L}\p{N}\p{M}_-]+)*\.?|\[?[0-9A-Fa-f:.]+\]?)$/u;
const NAMED_ADDRESS = /^\s*"?([^"<>]*?)"?\s*<([^<>]*)>\s*$/;

const transport = readAs((value): "folder" | "smtp" | undefined => {
  const text = textOf(value);
  return text === "" ? "folder" : text === "folder" || text === "smtp" ? text : undefined;
}, '"folder" or "smtp"');

const secure = readAs((value): boolean | undefined => {
  if (typeof value === "boolean") return value;
  const text = textOf(value)?.toLowerCase();
  return text === "true" ? true : text === "false" || text === "" ? false : undefined;
}, "true or false");

const port = readAs((value): number | null | undefined => {
  const text = typeof value === "number" ? String(value) : textOf(value);
  if (text === "") return null;
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= 1 && number <= 65_535 ? number : undefined;
}, "a port from 1 to 65535");

const host = readAs((value): string | undefined => {
  const text = textOf(value);
  return text !== undefined && text.length <= 253 && HOST.test(text) ? text : undefined;
}, "the mail server's host name or address");

const folder = readAs((value): string | undefined => {
  const text = textOf(value);
  return text === undefined || text.includes("\0") ? undefined : text || DEFAULT_FOLDER;
}, "a folder");

const sender = (whenEmpty: MailSender | undefined) =>
  readAs((value): MailSender | undefined => {
    const text = textOf(value);
    return text === "" ? whenEmpty : text === undefined ? undefined : senderOf(text);
  }, 'the address that mails come from, such as "webhooks@example.com" or "Webhooks <webhooks@example.com>"');

/**
 * Reads the settings of an `owner-mailer` node. Values may be strings, as environment variables are. An empty transport
 * is `folder`, an empty folder `owner-mail`, an empty port 465 with `secure` and 587 without.
 *
 * @param raw object with `transport`, `host`, `port`, `secure`, `from` and `folder`
 * @param where path of `raw` as a flow author would write it
 * @throws InvalidFieldsError with every wrong field; a `${NAME}` that is not set is one
 */
export function parseMailer(raw: unknown, where: string): MailerSettings {
  const options = { subject: "owner mailer", path: where };
  const chosen = check(plainObject({ transport }), raw, options).transport;
  if (chosen === "folder") {
    const settings = check(plainObject({ folder, from: sender(DEFAULT_SENDER) }), raw, options);
    return { transport: "folder", ...settings };
  }
  const settings = check(plainObject({ host, port, secure, from: sender(undefined) }), raw, options);
  const usualPort = settings.secure ? IMPLICIT_TLS_PORT : SUBMISSION_PORT;
  return { transport: "smtp", ...settings, port: settings.port ?? usualPort };
}

const address = readAs((value): string | undefined => {
  const text = textOf(value)?.toLowerCase();
  return text !== undefined && isMailAddress(text) ? text : undefined;
}, 'a mail address such as "owner@example.com"');

/**
 * Reads a list of mail addresses: an array, one address, several with commas between them, or a JSON array as text.
 *
 * @returns in lower case, each once
 * @throws InvalidFieldsError with every wrong address
 */
export function parseRecipients(value: unknown, where: string): string[] {
  const list = v.array(address, "a list of mail addresses");
  return distinctAddresses(check(list, listOf(value), { subject: "recipients", path: where }));
}

function listOf(value: unknown): unknown {
  if (value === undefined || value === null) return [];
  if (typeof value !== "string") return value;
  if (value.trim().startsWith("[")) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  return value
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Trimmed text, `""` for nothing, or `undefined` for what is no text or names an unset environment variable. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return "";
  return typeof value === "string" && !UNRESOLVED.test(value) ? value.trim() : undefined;
}

function senderOf(text: string): MailSender | undefined {
  const named = NAMED_ADDRESS.exec(text);
  const name = (named?.[1] ?? "").trim();
  const from = (named?.[2] ?? text).trim();
  return isMailAddress(from) && !/\p{Cc}/u.test(name) ? { name, address: from } : undefined;
}
