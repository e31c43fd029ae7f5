import * as v from "valibot";
import { check } from "../validation/check";
import { isPlainObject, ownProperty, plainObject } from "../validation/plain-object";
import { unresolvedReference } from "../validation/setting";
import type { IntegrationSecrets } from "./integration-spec";

const LONGEST_SECRET = 4_096;
const MOST_HEADERS = 50;
const LONGEST_HEADER = 4_096;

/** A header's name as HTTP allows it; beginning with a letter or digit, as real ones do. */
const HEADER_NAME = /^[A-Za-z0-9][!#$%&'*+.^_`|~0-9A-Za-z-]*$/;
/** A header's value as HTTP allows it: visible characters, spaces and tabs. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that each attempt sets itself, and those that belong to the connection. */
const RESERVED_HEADERS = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "request-id",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const RESERVED_PREFIXES = ["webhook-", "sentry-hook-", "proxy-"];

/** Ed25519 keys are 32 bytes; many tools append the public key. */
const ED25519_KEY_BYTES = [32, 64];

/**
 * Reads an integration's credentials. A secret that begins with `whsec_` or `whsk_` (Standard Webhooks) must go on in
 * Base64; any other text is the key itself. `headers` is an object or its JSON text.
 *
 * @param where for errors, e.g. `"msg.integrations[0]"`
 * @throws InvalidFieldsError with every wrong field and none of the values
 */
export function parseSecrets(
  raw: { readonly secret?: unknown; readonly previousSecret?: unknown; readonly headers?: unknown },
  where: string,
): IntegrationSecrets {
  return check(SECRETS, raw, {
    subject: "integration credentials",
    path: where,
    hidden: ["secret", "previousSecret", "headers"],
  });
}

const secret = v.pipe(
  v.nullish(v.string("a text"), ""),
  v.maxLength(LONGEST_SECRET, `a text of at most ${LONGEST_SECRET} characters`),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? (unresolvedReference(dataset.value, "whole") ?? keyProblem(dataset.value)) : null;
    if (problem !== null) addIssue({ message: problem });
  }),
);

function keyProblem(value: string): string | null {
  if (value.startsWith("whsec_") && !base64Bytes(value.slice("whsec_".length))) {
    return '"whsec_" followed by the key in Base64';
  }
  if (value.startsWith("whsk_") && !ED25519_KEY_BYTES.includes(base64Bytes(value.slice("whsk_".length)))) {
    return '"whsk_" followed by an Ed25519 private key (32 or 64 bytes) in Base64';
  }
  return null;
}

/** How many bytes a Base64 text stands for; 0 if it is none. */
function base64Bytes(text: string): number {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === text.replace(/={1,2}$/, "") ? bytes.length : 0;
}

const headers = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, Readonly<Record<string, string>>>(({ dataset: { value }, addIssue, NEVER }) => {
    if (value === undefined || value === null || value === "") return {};
    const refuse = (message: string) => {
      addIssue({ message });
      return NEVER;
    };
    const unresolved = unresolvedReference(value, "whole");
    if (unresolved !== null) return refuse(unresolved);
    const given = typeof value === "string" ? parseJson(value) : value;
    if (!isPlainObject(given)) return refuse('an object of header names and values, e.g. {"Authorization":"Bearer …"}');
    const names = Object.keys(given);
    if (names.length > MOST_HEADERS) return refuse(`at most ${MOST_HEADERS} headers`);
    if (names.some((name) => !HEADER_NAME.test(name))) {
      return refuse("header names made of letters, digits and hyphens");
    }
    const seen = new Set<string>();
    const output: [string, string][] = [];
    for (const name of names) {
      const item = ownProperty(given, name);
      const problem = nameProblem(name, seen) ?? valueProblem(item);
      seen.add(name.toLowerCase());
      if (problem === null) {
        output.push([name, String(item).trim()]);
      } else {
        addIssue({
          message: problem,
          path: [{ type: "object", origin: "value", input: {}, key: name, value: item }],
        });
      }
    }
    return output.length === names.length ? Object.fromEntries(output) : NEVER;
  }),
);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valueProblem(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && text.length <= LONGEST_HEADER && HEADER_VALUE.test(text)) {
    return unresolvedReference(text, "anywhere");
  }
  return `a text of at most ${LONGEST_HEADER} characters that HTTP allows in a header`;
}

function nameProblem(name: string, seen: ReadonlySet<string>): string | null {
  const lower = name.toLowerCase();
  if (seen.has(lower)) return "each header once";
  return RESERVED_HEADERS.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))
    ? "no such header: it is set with each attempt, or belongs to the connection"
    : null;
}

const SECRETS = plainObject({ secret, previousSecret: secret, headers });
