/** Stands in an address for the id of the integration whose page is meant. */
const PLACEHOLDER = "{{integration}}";
const PLACEHOLDERS = /\{\{[^{}]*\}\}/g;

/** Where mails link to. */
export interface MailLinks {
  /** The same for all integrations; null if each has a page of its own, or mails have no links. */
  address: string | null;
  /** The page of an integration; null if none has one. */
  pageOf(integration: string): string | null;
}

/**
 * Whether mails can link to an address: http or https, with no placeholder but `{{integration}}`, which may stand
 * anywhere behind the host.
 */
export function isMailLink(baseUrl: string): boolean {
  const known = (baseUrl.match(PLACEHOLDERS) ?? []).every((placeholder) => placeholder === PLACEHOLDER);
  return known && webAddress(baseUrl) !== null && !new URL(baseUrl).host.includes("{");
}

/** @param baseUrl anything but what {@link isMailLink} accepts gives no links */
export function mailLinks(baseUrl: string): MailLinks {
  if (!isMailLink(baseUrl)) return { address: null, pageOf: () => null };
  if (!baseUrl.includes(PLACEHOLDER)) return { address: webAddress(baseUrl), pageOf: () => null };
  return {
    address: null,
    pageOf: (integration) => webAddress(baseUrl.replaceAll(PLACEHOLDER, () => encoded(integration))),
  };
}

function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

function encoded(id: string): string {
  return encodeURIComponent(id.replace(/\p{Surrogate}/gu, "\ufffd"));
}
