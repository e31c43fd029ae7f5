import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Unicast addresses that belong to a cloud's own machinery: Azure's WireServer. Other clouds use special ranges. */
const METADATA_ADDRESSES = new Set(["168.63.129.16"]);

/** NAT64 as providers without IPv4 use it (RFC 6052): the last 32 bits are the IPv4 address that is meant. */
const NAT64 = ipaddr.parseCIDR("64:ff9b::/96");
/** The only part of IPv6 from which addresses on the Internet are given (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.parseCIDR("2000::/3");

/**
 * Whether an address is not one of a host on the Internet: private, loopback, link-local, shared (CGNAT), metadata,
 * multicast, broadcast, unspecified, reserved, for documentation or benchmarks, or a tunnel that could lead to any of
 * these. An IPv4 address within an IPv6 one (mapped, NAT64) is judged as itself. What cannot be read is special.
 *
 * @param ip as `socket.remoteAddress` or a look-up gives it, without brackets
 */
export function isSpecialAddress(ip: string): boolean {
  if (isIP(ip) === 0) return true;
  const address = ipaddr.parse(ip);
  return address instanceof ipaddr.IPv4 ? isSpecialV4(address) : isSpecialV6(address);
}

function isSpecialV4(address: ipaddr.IPv4): boolean {
  return address.range() !== "unicast" || METADATA_ADDRESSES.has(address.toString());
}

function isSpecialV6(address: ipaddr.IPv6): boolean {
  if (address.isIPv4MappedAddress()) return isSpecialV4(address.toIPv4Address());
  if (address.match(NAT64)) return isSpecialV4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  return address.range() !== "unicast" || !address.match(GLOBAL_UNICAST);
}
