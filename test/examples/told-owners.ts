import type { ParsedMail } from "mailparser";

const KINDS: readonly (readonly [kind: string, subject: RegExp])[] = [
  ["at-risk", /are failing/],
  ["disabled", /switched off/],
  ["active", /active again/],
];

/** What owners were told: one line per mail and integration in it, e.g. `"at-risk Standard receiver to ada@example.com"`. */
export function told(mails: readonly ParsedMail[], integrations: readonly string[]): string[] {
  return mails
    .flatMap((mail) => {
      const kind = KINDS.find(([, subject]) => subject.test(mail.subject ?? ""))?.[0] ?? `unknown: ${mail.subject}`;
      const named = integrations.filter((name) => mail.text?.includes(name));
      return named.map((name) => `${kind} ${name} to ${recipients(mail)}`);
    })
    .sort();
}

function recipients({ to }: ParsedMail): string {
  const addresses = to === undefined ? [] : Array.isArray(to) ? to : [to];
  return addresses.map(({ text }) => text).join("+");
}
