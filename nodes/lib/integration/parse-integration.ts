import * as v from "valibot";
import { check } from "../validation/check";
import { plainObject } from "../validation/plain-object";
import { readAs } from "../validation/read-as";
import {
  choiceSetting,
  flagSetting,
  listSetting,
  numberSetting,
  readList,
  readNumber,
  readText,
  setting,
  textSetting,
} from "../validation/setting";
import { INTEGRATION_DEFAULTS as DEFAULTS } from "./integration-defaults";
import { COMMENT_EVENTS, type IntegrationSpec, type RetryPlan, type SealedIntegration } from "./integration-spec";
import { integrationUrl } from "./integration-url";

export { parseSecrets } from "./parse-secrets";

const LONGEST_TIMEOUT_MS = 600_000;
const LONGEST_AGE_HOURS = 8_760;
const LONGEST_WAIT_S = 604_800;
const MOST_RETRIES = 50;

/** An id of the user's own: customers in a database often have numbers. */
function readId(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : readText(value) || undefined;
}

function readUuid(value: unknown): string | undefined {
  const text = readText(value);
  return text === "" || (text && /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(text)) ? text : undefined;
}

/** A bare mail address: what reaches a mail's header must not be able to add another. */
function readAddress(value: unknown): string | undefined {
  const text = readText(value);
  return text && /^[^\s@<>()[\],;:\\"]+@[^\s@<>()[\],;:\\"]+$/.test(text) ? text : undefined;
}

function readRetries(value: unknown): RetryPlan | undefined {
  if (value === "standard" || value === "sentry" || value === "none") return value;
  const waits = readList(value)?.map(readNumber);
  if (waits === undefined || waits.length > MOST_RETRIES) return undefined;
  const seconds = waits.filter((wait): wait is number => wait !== undefined && wait >= 0 && wait <= LONGEST_WAIT_S);
  return seconds.length === waits.length ? seconds : undefined;
}

const timeout = numberSetting(
  { least: 1, most: LONGEST_TIMEOUT_MS, whole: true, unit: "milliseconds" },
  DEFAULTS.timeout,
);
const maxAge = numberSetting({ least: 0, most: LONGEST_AGE_HOURS, whole: false, unit: "hours" }, DEFAULTS.maxAge);

/** Properties that are called the same on a config node and in an {@link IntegrationSpec}. */
const SHARED = {
  id: readAs(readId, "an id: a text of 1 to 255 printable characters or a whole number"),
  name: textSetting(DEFAULTS.name),
  slug: textSetting(DEFAULTS.slug),
  organization: textSetting(DEFAULTS.organization),
  installation: setting(readUuid, "a UUID, or nothing", DEFAULTS.installation),
  url: integrationUrl,
  events: listSetting(
    {
      read: (item) => COMMENT_EVENTS.find((event) => event === item),
      item: COMMENT_EVENTS.map((event) => `"${event}"`).join(" or "),
      items: "comment events",
      least: 1,
      most: 100,
    },
    DEFAULTS.events,
  ),
  projects: listSetting(
    {
      read: (item) => readText(item) || undefined,
      item: "a project slug",
      items: "project slugs",
      least: 0,
      most: 10_000,
    },
    DEFAULTS.projects,
  ),
  owners: listSetting(
    { read: readAddress, item: "a mail address", items: "mail addresses", least: 0, most: 1_000 },
    DEFAULTS.owners,
  ),
  scheme: choiceSetting(["standard", "sentry"], DEFAULTS.scheme),
  retries: setting<RetryPlan>(
    readRetries,
    `"standard", "sentry", "none" or a list of at most ${MOST_RETRIES} waits in seconds, each from 0 to ${LONGEST_WAIT_S}`,
    DEFAULTS.retries,
  ),
  ordered: flagSetting(DEFAULTS.ordered),
  concurrency: numberSetting({ least: 1, most: 256, whole: true, unit: "attempts" }, DEFAULTS.concurrency),
  rate: numberSetting({ least: 0, most: 10_000, whole: false, unit: "attempts per second" }, DEFAULTS.rate),
  whenDisabled: choiceSetting(["hold", "drop"], DEFAULTS.whenDisabled),
  holdDays: numberSetting({ least: 0, most: 365, whole: false, unit: "days" }, DEFAULTS.holdDays),
  holdLimit: numberSetting({ least: 0, most: 10_000_000, whole: true, unit: "webhooks" }, DEFAULTS.holdLimit),
  allowPrivate: flagSetting(DEFAULTS.allowPrivate),
  tls: textSetting(DEFAULTS.tls),
  proxy: textSetting(DEFAULTS.proxy),
  store: textSetting(DEFAULTS.store),
};

const PROPERTIES = plainObject({ ...SHARED, timeout, maxAge });
const SETTINGS = plainObject({
  ...SHARED,
  timeoutMs: timeout,
  maxAgeHours: maxAge,
  sealedSecrets: v.nullish(v.string("the sealed secrets as text, or null"), null),
});

/**
 * Reads the properties of a `webhook-integration` node, or an object of `msg.integrations`.
 *
 * Values may be of their real type or its text (environment variables are texts): `"5"`, `"false"`, `'["a"]'`, `"a,b"`.
 * Missing ones take {@link INTEGRATION_DEFAULTS}. An empty slug is made from the name: its letters and digits in lower
 * case, without accents, hyphens between them; from the id where that leaves nothing. An empty name is the slug.
 *
 * @param raw property names as on the config node; others are ignored
 * @param where for errors, e.g. `"msg.integrations[0]"`
 * @throws InvalidFieldsError with every wrong property
 */
export function parseIntegration(raw: Readonly<Record<string, unknown>>, where: string): IntegrationSpec {
  const { timeout, maxAge, ...rest } = check(PROPERTIES, raw, {
    subject: "integration",
    path: where,
    // Not read here, but an object that is none is not shown for them.
    hidden: ["secret", "previousSecret", "headers"],
  });
  return named({ ...rest, timeoutMs: timeout, maxAgeHours: maxAge });
}

/**
 * Reads `msg.webhook.settings`: an integration given in a message on its way from one node to the next.
 *
 * @throws InvalidFieldsError with every wrong property
 */
export function parseSealedIntegration(value: unknown, where: string): SealedIntegration {
  return named(check(SETTINGS, value, { subject: "integration", path: where, hidden: ["sealedSecrets"] }));
}

function named<Spec extends IntegrationSpec>(spec: Spec): Spec {
  const slug = spec.slug || slugOf(spec.name) || spec.id;
  return { ...spec, slug, name: spec.name || slug };
}

function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{Mn}+/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
}
