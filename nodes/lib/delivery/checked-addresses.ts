import type { LookupAddress, LookupAllOptions } from "node:dns";
import { isIP } from "node:net";
import { AttemptFailure } from "./attempt-failure";
import { isSpecialAddress } from "./blocked-address";
import { codeOf } from "./network-reason";

/** Resolves a name to all its addresses, as `lookup` of `node:dns` does. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * All addresses of a host, if it may be connected to. One special address among them is enough to refuse the host: no
 * honest name leads both to the Internet and into our network, and which one is taken would be left to chance.
 *
 * @param hostname name or address, IPv6 without brackets
 * @throws AttemptFailure `blocked-address`; `dns` if there is no such name; `local-dns` if we could not find out
 */
export async function checkedAddresses(
  hostname: string,
  allowPrivate: boolean,
  lookup: Lookup,
): Promise<LookupAddress[]> {
  const family = isIP(hostname);
  const addresses = family === 0 ? await resolve(hostname, lookup) : [{ address: hostname, family }];
  if (!allowPrivate && addresses.some(({ address }) => isSpecialAddress(address))) {
    throw new AttemptFailure("blocked-address");
  }
  return addresses;
}

function resolve(hostname: string, lookup: Lookup): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error !== null) reject(new AttemptFailure(codeOf(error) === "ENOTFOUND" ? "dns" : "local-dns", error));
      else if (addresses.length === 0) reject(new AttemptFailure("dns"));
      else resolve(addresses);
    });
  });
}
