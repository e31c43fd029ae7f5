// Stricter than RFC 5322, as forms on the web are: no comments, quotes, groups or address literals. Letters of any
// language are allowed on both sides.
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?$/u;

/** Whether a mail can be addressed to it: `local@domain`, at most 254 characters. */
export function isMailAddress(address: string): boolean {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return (
    at > 0 &&
    address.length <= 254 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    domain.split(".").every((label) => label.length <= 63 && DOMAIN_LABEL.test(label))
  );
}

/** Addresses in lower case, each once, in the order given. The same owner named twice gets one mail. */
export function distinctAddresses(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map((address) => address.trim().toLowerCase()).filter((address) => address !== ""))];
}
