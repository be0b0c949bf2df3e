/**
 * Looks names up and refuses those that lead inside. What is checked is the address that the very same lookup hands to the connection, so that a name
 * that answers differently the next time (DNS rebinding) gains nothing; and a connection kept alive stays with the address it was opened to.
 */
import { isIP, type LookupFunction } from 'node:net';
import { PermanentError, UnavailableError } from '@vidhuk/shared';
import type { AddressGuard } from './address-guard.js';

const sentence = (what: string, refusal: string): string =>
  `${what} is no public address (${refusal}): "allowPrivateNetwork: true" allows it`;

/**
 * One refused address refuses the name: which of them would be connected to is the operating system's choice. What a name leads to is the network's
 * doing and may change, so the call is tried again.
 */
export function guardedLookup(lookup: LookupFunction, refusalOf: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const found = typeof address === 'string' ? [address] : address.map((each) => each.address);
      for (const each of found) {
        const refusal = refusalOf(each);
        if (refusal === null) continue;
        callback(new UnavailableError(sentence(`${hostname} (${each})`, refusal)), []);
        return;
      }
      callback(null, address, family);
    });
  };
}

/** A literal address is looked up nowhere. Throws `PermanentError` where it is refused: no repeat changes it. */
export function refuseLiteral(hostname: string, refusalOf: AddressGuard): void {
  const refusal = isIP(hostname) === 0 ? null : refusalOf(hostname);
  if (refusal !== null) throw new PermanentError(sentence(hostname, refusal));
}
