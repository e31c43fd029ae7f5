import type { Host } from "../host/host";
import type { SealedIntegration } from "../lib/integration/integration-spec";
import { parseIntegration } from "../lib/integration/parse-integration";
import { parseSecrets } from "../lib/integration/parse-secrets";
import { sealSecrets } from "../lib/integration/seal-secrets";
import { type InvalidField, InvalidFieldsError, quoteValue } from "../lib/validation/invalid-fields-error";
import { isPlainObject, type PlainObject } from "../lib/validation/plain-object";

const PATH = "msg.integrations";
const MOST_INTEGRATIONS = 10_000;

/**
 * Reads `msg.integrations`: all of them or none. Their secrets are sealed under the encryption key of their store.
 *
 * @throws InvalidFieldsError with every wrong field of every integration
 */
export function readMessageIntegrations(value: unknown, host: Host): SealedIntegration[] {
  if (!Array.isArray(value) || value.length > MOST_INTEGRATIONS) {
    const expected = `a list of at most ${MOST_INTEGRATIONS} integrations`;
    throw new InvalidFieldsError("integrations", [{ field: PATH, value: describe(value), expected }]);
  }
  const problems: InvalidField[] = [];
  const integrations = value.flatMap((item: unknown, index) => {
    try {
      return [readOne(item, `${PATH}[${index}]`, host)];
    } catch (error) {
      if (!(error instanceof InvalidFieldsError)) throw error;
      problems.push(...error.fields);
      return [];
    }
  });
  const ids = new Set<string>();
  for (const [index, { id }] of integrations.entries()) {
    if (ids.has(id)) problems.push(problem(`${PATH}[${index}].id`, id, "each integration once"));
    ids.add(id);
  }
  if (problems.length > 0) throw new InvalidFieldsError("integrations", problems);
  return integrations;
}

function readOne(item: unknown, where: string, host: Host): SealedIntegration {
  if (!isPlainObject(item)) {
    const expected = "an object with an id and the properties of a webhook-integration node";
    throw new InvalidFieldsError("integration", [{ field: where, value: describe(item), expected }]);
  }
  const spec = parseIntegration(item, where);
  if (host.integrations.get(spec.id) !== undefined) {
    throw new InvalidFieldsError("integration", [
      problem(`${where}.id`, spec.id, "an id of your own, not that of a deployed webhook-integration node"),
    ]);
  }
  return { ...spec, sealedSecrets: seal(item, spec, where, host) };
}

function seal(item: PlainObject, { id, store }: { id: string; store: string }, where: string, host: Host) {
  const secrets = parseSecrets(item, where);
  if (secrets.secret === "" && secrets.previousSecret === "" && Object.keys(secrets.headers).length === 0) return null;
  const path = pathOf(store, where, host);
  const encryptionKey = host.locations.encryptionKeyAt(path);
  if (encryptionKey !== "") return sealSecrets(secrets, encryptionKey, id);
  const name = host.locations.at(path)?.name || store;
  throw new InvalidFieldsError("integration", [
    {
      field: `${where}.secret`,
      value: "(hidden)",
      expected:
        store === ""
          ? "a webhook-store node with an encryptionKey for the default store: without one secrets that come in messages cannot be kept"
          : `an encryptionKey in the webhook-store node ${quoteValue(name)}: without one secrets that come in messages cannot be kept`,
    },
  ]);
}

function pathOf(store: string, where: string, host: Host): string {
  try {
    return host.locations.pathOf(store);
  } catch {
    throw new InvalidFieldsError("integration", [
      problem(`${where}.store`, store, "the id of a deployed webhook-store node, or nothing"),
    ]);
  }
}

function problem(field: string, value: unknown, expected: string): InvalidField {
  return { field, value: quoteValue(value), expected };
}

/** What was given instead, without what may be a secret in it. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : quoteValue(value);
}
