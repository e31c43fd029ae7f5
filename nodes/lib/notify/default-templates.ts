import type { HealthStatus } from "../health/integration-ledger";
import { htmlPage } from "./html-page";
import type { MailTemplate } from "./mail-templates";

/** What one kind of mail says, for one integration and for several. Mustache, see {@link MailView} for the names. */
interface Words {
  subject: string;
  heading: string;
  opening: string;
  /** Label of the time of the change. */
  since: string;
  steps: readonly string[];
  /** Steps of a mail about what people switched off, if they are others. */
  stepsByPeople?: readonly string[];
  accent: string;
}

const AT_RISK: Words = {
  subject:
    "{{^several}}Webhooks to {{names}} are failing{{/several}}" +
    "{{#several}}Webhooks to {{count}} integrations are failing: {{names}}{{/several}}",
  heading:
    "{{^several}}Webhooks to {{names}} are failing{{/several}}" +
    "{{#several}}Webhooks to {{count}} integrations are failing{{/several}}",
  opening:
    "{{^several}}The webhooks that we send to your integration {{names}} have been failing. If that goes on, it will be " +
    "switched off. It still runs now, and there is time to put it right.{{/several}}" +
    "{{#several}}The webhooks that we send to {{count}} of your integrations have been failing. If that goes on, they " +
    "will be switched off. They still run now, and there is time to put it right.{{/several}}",
  since: "At risk since",
  steps: [
    "Check that the receiver is running and can be reached at the webhook URL above, and what it logged at the time of " +
      "the last failure.",
    "Let it answer each webhook with a status from 200 to 299 as soon as it has it. Slow work can be done afterwards.",
    "Nothing more is needed: when webhooks get through again, this warning ends by itself.",
  ],
  accent: "#b45309",
};

const SWITCH_ON =
  "{{#pages}}Switch it on again on its page, linked above, or ask the people who send you these webhooks to.{{/pages}}" +
  "{{^pages}}{{#baseUrl}}Have it switched on again: at the address above, or by the people who send you these " +
  "webhooks.{{/baseUrl}}{{^baseUrl}}Ask the people who send you these webhooks to switch it on again.{{/baseUrl}}" +
  "{{/pages}} Its record starts afresh then: old failures no longer count.";

const DISABLED: Words = {
  subject:
    "{{^several}}{{names}} has been switched off{{/several}}" +
    "{{#several}}{{count}} integrations have been switched off: {{names}}{{/several}}",
  heading:
    "{{^several}}{{names}} has been switched off{{/several}}" +
    "{{#several}}{{count}} integrations have been switched off{{/several}}",
  opening:
    "{{^several}}{{#integrations}}Your integration {{name}} has been switched off{{#switchedOffBy}} by " +
    "{{switchedOffBy}}{{/switchedOffBy}}. No webhooks are sent to it until someone switches it on " +
    "again.{{/integrations}}{{/several}}" +
    "{{#several}}{{count}} of your integrations have been switched off. No webhooks are sent to them until someone " +
    "switches them on again.{{/several}}",
  since: "Switched off",
  steps: [
    "Find out why: what is said above is what we saw, and the receiver's own log will say more.",
    "Put it right, so that each webhook is answered with a status from 200 to 299.",
    SWITCH_ON,
    "If you no longer need it, there is nothing to do.",
  ],
  stepsByPeople: ["If you did not expect this, ask whoever switched it off, named above.", SWITCH_ON],
  accent: "#b91c1c",
};

const ACTIVE: Words = {
  subject:
    "{{^several}}{{names}} is active again{{/several}}" +
    "{{#several}}{{count}} integrations are active again: {{names}}{{/several}}",
  heading:
    "{{^several}}{{names}} is active again{{/several}}{{#several}}{{count}} integrations are active again{{/several}}",
  opening:
    "{{^several}}{{#integrations}}{{#enabledAgain}}Good news: your integration {{name}} is switched on again, and " +
    "webhooks are being sent to it. Its record starts afresh: old failures no longer count.{{/enabledAgain}}" +
    "{{^enabledAgain}}Good news: the webhooks that we send to your integration {{name}} get through again. The warning " +
    "has ended.{{/enabledAgain}}{{/integrations}}{{/several}}" +
    "{{#several}}Good news: {{count}} of your integrations are active again, and webhooks are being sent to " +
    "them.{{/several}}",
  since: "Active since",
  steps: ["Nothing. This is only to let you know."],
  accent: "#15803d",
};

/** The mails as they are unless a flow author gives other templates. */
export const DEFAULT_TEMPLATES: Readonly<Record<HealthStatus, MailTemplate>> = {
  "at-risk": templateOf(AT_RISK),
  disabled: templateOf(DISABLED),
  active: templateOf(ACTIVE),
};

function templateOf(words: Words): MailTemplate {
  return { subject: words.subject, text: textPage(words), html: htmlPage(words) };
}

function textPage({ opening, since, steps, stepsByPeople }: Words): string {
  return `Hello,

${opening}

{{#integrations}}
----------------------------------------------------------------------
{{title}}

${since}: {{since}}
{{#why}}
Why: {{why}}
{{/why}}
{{#notBefore}}
If it goes on: Switched off on {{notBefore}} at the earliest
{{/notBefore}}
{{#stoppedBy}}
What stops that: {{stoppedBy}}
{{/stoppedBy}}
{{#meanwhile}}
Webhooks: {{meanwhile}}
{{/meanwhile}}
Webhook URL: {{url}}
{{#link}}
Its page: {{link}}
{{/link}}
{{#hasDays}}

Attempts on the last days (UTC)
{{#days}}
  {{date}}: delivered {{success}}, errors {{error}}, no answer {{timeout}}{{#fatal}}, asked to stop {{fatal}}{{/fatal}}
{{/days}}
{{/hasDays}}
{{#lastFailure}}

Last failure: {{what}}
  at {{at}}
  from {{url}}
{{#hasExcerpt}}
  The receiver's answer begins:
{{#excerpt}}
  | {{.}}
{{/excerpt}}
{{/hasExcerpt}}
{{/lastFailure}}

{{/integrations}}
{{#others.0}}
----------------------------------------------------------------------
Also:
{{/others.0}}
{{#others}}
  {{title}}{{#link}} - {{link}}{{/link}}
{{/others}}
{{#leftOut}}
  and {{leftOut}} more
{{/leftOut}}

{{#baseUrl}}
----------------------------------------------------------------------
See {{baseUrl}}

{{/baseUrl}}
----------------------------------------------------------------------
What to do now

${stepsByPeople === undefined ? listOf(steps) : `{{#byPeople}}\n${listOf(stepsByPeople)}\n{{/byPeople}}\n{{^byPeople}}\n${listOf(steps)}\n{{/byPeople}}`}

You get this mail because you are named as an owner of {{^several}}this integration{{/several}}{{#several}}these integrations{{/several}}. Each change is told once.
Written on {{written}}.
`;
}

function listOf(steps: readonly string[]): string {
  return steps.map((step, index) => (steps.length === 1 ? step : `${index + 1}. ${step}`)).join("\n");
}
