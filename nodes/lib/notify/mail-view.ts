import type { Attempt, Reason } from "../delivery/attempt";
import { type DisplayedDay, mergedDays } from "../health/displayed-days";
import type { HealthStatus, Transition } from "../health/integration-ledger";
import { lines, oneLine } from "./display-text";
import { type MailLinks, mailLinks } from "./mail-links";
import type { Notice } from "./mail-queue";
import { meanwhileInWords } from "./meanwhile";

/** Everything that a mail template can show. All of it is text that is safe on one line, numbers, or true and false. */
export interface MailView {
  kind: HealthStatus;
  atRisk: boolean;
  disabled: boolean;
  active: boolean;
  /** How many integrations the mail is about. */
  count: number;
  several: boolean;
  /** `"Build bot"`, or `"Build bot, Chat and 3 more"`. */
  names: string;
  /** At most 25, with all details. */
  integrations: IntegrationView[];
  /** Further ones, at most 200. */
  others: { title: string; link: string | null }[];
  /** How many are left out even there. */
  leftOut: number;
  /** Whether people switched all of them off. */
  byPeople: boolean;
  /** Whether each integration has a page of its own, linked with it. */
  pages: boolean;
  /** The address in links if it is the same for all integrations. */
  baseUrl: string | null;
  /** When the mail was written, e.g. `"23 November 2026, 10:15 UTC"`. */
  written: string;
}

export interface IntegrationView {
  name: string;
  organization: string;
  /** Name, and the organization in brackets if there is one. */
  title: string;
  id: string;
  /** Tokens masked. */
  url: string;
  /** Its own page, or null. */
  link: string | null;
  /** When the change was made. */
  since: string;
  /** Why, in sentences. */
  why: string;
  /** Who switched it off; null if no person did, or the mail is not about that. */
  switchedOffBy: string | null;
  /** Of at risk: when it can be switched off at the earliest; null where that is not known. */
  notBefore: string | null;
  /** Of at risk: what keeps it from being switched off. */
  stoppedBy: string | null;
  /** What becomes of webhooks while it is switched off, in sentences; empty if there is nothing to say. */
  meanwhile: string;
  /** True for `active` after `disabled`, false after `at-risk`. */
  enabledAgain: boolean;
  hasDays: boolean;
  /** The last seven UTC days with attempts, newest first. */
  days: DisplayedDay[];
  failuresInARow: number;
  lastFailure: FailureView | null;
}

export interface FailureView {
  at: string;
  /** `"It answered 500."`, `"The connection was refused."` */
  what: string;
  url: string;
  hasExcerpt: boolean;
  /** First lines of the receiver's answer. */
  excerpt: string[];
}

const DETAILED = 25;
const LISTED = 200;
const SHOWN_DAYS = 7;
const NAME_LENGTH = 80;
const URL_LENGTH = 300;

/** What templates can show of notices, which all have the same kind and owner. */
export function mailView(notices: readonly [Notice, ...Notice[]], baseUrl: string, nowMs: number): MailView {
  const kind = notices[0].claim.kind;
  const links = mailLinks(baseUrl);
  const rest = notices.slice(DETAILED);
  return {
    kind,
    atRisk: kind === "at-risk",
    disabled: kind === "disabled",
    active: kind === "active",
    count: notices.length,
    several: notices.length > 1,
    names: listOfNames(notices.map(({ integration }) => nameOf(integration))),
    integrations: notices.slice(0, DETAILED).map((notice) => integrationView(notice, links)),
    others: rest.slice(0, LISTED).map(({ integration }) => ({
      title: titleOf(integration),
      link: links.pageOf(integration.id),
    })),
    leftOut: Math.max(0, rest.length - LISTED),
    byPeople: notices.every(({ transition }) => switchedOffBy(transition) !== null),
    pages: links.pageOf(notices[0].integration.id) !== null,
    baseUrl: links.address,
    written: dateAndTime(nowMs),
  };
}

function integrationView({ integration, transition }: Notice, links: MailLinks): IntegrationView {
  const days = mergedDays(transition.snapshot.days).slice(0, SHOWN_DAYS);
  const { lastFailure, failuresInARow } = transition.snapshot;
  const { notBefore, rule, to } = transition;
  const enabledAgain = transition.from === "disabled";
  const person = switchedOffBy(transition);
  // What a person switched off may have been well: its last failure, if any, is old and not why.
  const isFailing = person === null || failuresInARow > 0;
  return {
    name: nameOf(integration),
    organization: oneLine(integration.organization, NAME_LENGTH),
    title: titleOf(integration),
    id: oneLine(integration.id, NAME_LENGTH),
    url: oneLine(integration.url, URL_LENGTH),
    link: links.pageOf(integration.id),
    since: dateAndTime(transition.at),
    why: whyOf(transition),
    switchedOffBy: person,
    notBefore: notBefore === undefined || notBefore <= transition.at ? null : dateAndTime(notBefore),
    stoppedBy: to === "at-risk" ? stopperOf(rule) : null,
    meanwhile: integration.meanwhile === undefined ? "" : meanwhileInWords(integration.meanwhile, to, enabledAgain),
    enabledAgain,
    hasDays: days.length > 0,
    days,
    failuresInARow,
    lastFailure: lastFailure === null || !isFailing ? null : failureView(lastFailure),
  };
}

function failureView(attempt: Attempt): FailureView {
  const excerpt = lines(attempt.responseBody.slice(0, 2_000), 8, 120);
  return {
    at: dateAndTime(attempt.startedAt),
    what: whatHappened(attempt),
    url: oneLine(attempt.url, URL_LENGTH),
    hasExcerpt: excerpt.length > 0,
    excerpt,
  };
}

function switchedOffBy({ cause, to }: Transition): string | null {
  return cause.cause === "person" && to === "disabled" ? personOf(cause.by) : null;
}

function personOf(by: string): string {
  return oneLine(by, NAME_LENGTH) || "a person";
}

const A_SUCCESS = "A webhook that is answered with a status from 200 to 299. One is enough.";

/** What ends being at risk because of a rule. */
function stopperOf(rule: string | null): string {
  switch (rule) {
    case "timeouts-per-day":
      return "Answers in time. The count of time-outs begins anew each day at 00:00 UTC.";
    case "failure-rate":
      return "Webhooks answered with a status from 200 to 299, until few fail among them.";
    default:
      return A_SUCCESS;
  }
}

function whyOf({ cause, explanation, to }: Transition): string {
  switch (cause.cause) {
    case "rule":
    case "recovered":
      return sentence(oneLine(explanation, 600));
    case "person":
      return `Switched ${to === "disabled" ? "off" : "on again"} by ${personOf(cause.by)}.`;
    case "receiver":
      return cause.signal === "410"
        ? "Its receiver answered 410 Gone, which says that webhooks are no longer wanted there."
        : "Its receiver asked for it with the response header “webhook-delivery: disable”.";
  }
}

const NO_ANSWER_WORDS: Readonly<Record<Exclude<Reason, `http-${number}`>, string>> = {
  refused: "the connection was refused",
  reset: "the connection was closed before an answer came",
  dns: "its host name was not found",
  tls: "no secure connection could be made (TLS)",
  timeout: "no answer came in time",
  "bad-response": "the answer was not valid HTTP, or too large",
  "blocked-address": "its address is one that we must not connect to",
  "no-secret": "no signing secret is set",
  "local-dns": "our own name look-up failed",
  "local-network": "our own network failed",
  proxy: "our proxy failed",
};

function whatHappened({ reason, statusCode }: Attempt): string {
  if (statusCode > 0) return `It answered ${statusCode}.`;
  return reason === null || isHttp(reason) ? "It failed." : sentence(NO_ANSWER_WORDS[reason]);
}

function isHttp(reason: Reason): reason is `http-${number}` {
  return reason.startsWith("http-");
}

function nameOf(integration: Notice["integration"]): string {
  return oneLine(integration.name, NAME_LENGTH) || oneLine(integration.id, NAME_LENGTH);
}

function titleOf(integration: Notice["integration"]): string {
  const organization = oneLine(integration.organization, NAME_LENGTH);
  return organization === "" ? nameOf(integration) : `${nameOf(integration)} (${organization})`;
}

function listOfNames(names: readonly string[]): string {
  if (names.length <= 2) return names.join(" and ");
  return `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}

function sentence(text: string): string {
  if (text === "") return "";
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?…]$/u.test(first) ? first : first + ".";
}

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** `"23 November 2026, 10:15 UTC"` */
function dateAndTime(timeMs: number): string {
  return `${DATE.format(timeMs)}, ${new Date(timeMs).toISOString().slice(11, 16)} UTC`;
}
