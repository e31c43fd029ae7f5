import type { Lookup } from "./checked-addresses";

type Callback = Parameters<Lookup>[2];

/**
 * Lets all that ask for a name while it is being looked up wait for the same answer. The system looks up only two names
 * at a time (on Node's four worker threads): without this, the connections of one integration whose name servers are
 * silent would keep all others from connecting.
 */
export function sharedLookup(lookup: Lookup): Lookup {
  const waiting = new Map<string, Callback[]>();
  return (hostname, options, callback) => {
    const others = waiting.get(hostname);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(hostname, callbacks);
    lookup(hostname, options, (error, addresses) => {
      waiting.delete(hostname);
      for (const each of callbacks) each(error, addresses);
    });
  };
}
