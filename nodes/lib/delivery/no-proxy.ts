/**
 * Whether a host is reached without the proxy: an entry is a name, which includes those below it (`example.com`,
 * `.example.com` and `*.example.com` mean the same), an address, either with `:port` for one port only, or `*`.
 *
 * @param hostname as in a URL, IPv6 without brackets
 */
export function isWithoutProxy(hostname: string, port: number, noProxy: readonly string[]): boolean {
  const host = hostname.toLowerCase();
  return noProxy.some((entry) => {
    const text = entry.trim().toLowerCase();
    if (text === "*") return true;
    const [, bracketed, plain = "", onlyPort] = /^(?:\[(.+)\]|(.*?))(?::(\d+))?$/.exec(text) ?? [];
    // An IPv6 address without brackets ends in what looks like a port.
    const isBareV6 = bracketed === undefined && plain.includes(":");
    const name = isBareV6 ? text : (bracketed ?? plain).replace(/^\*?\./, "");
    if (!isBareV6 && onlyPort !== undefined && Number(onlyPort) !== port) return false;
    return name !== "" && (host === name || host.endsWith(`.${name}`));
  });
}
