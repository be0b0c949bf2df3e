/**
 * Opens connections to public addresses only. What is checked is the address that the very same lookup hands to the connection, so that a name
 * that answers differently the next time (DNS rebinding) gains nothing; and a connection kept alive stays with the address it was opened to.
 */
import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { PermanentError } from '@vidhuk/shared';
import { buildConnector } from 'undici';
import { refusalOf } from './address-guard.js';

/** ms for name, connection and TLS. */
const connectTimeoutMs = 3_000;

/** Connects anywhere: for actions with `allowPrivateNetwork`. */
export function openConnector(lookup: LookupFunction = systemLookup): buildConnector.connector {
  return buildConnector({ timeout: connectTimeoutMs, lookup });
}

export function guardedConnector(lookup: LookupFunction = systemLookup): buildConnector.connector {
  const connect = openConnector(checked(lookup));
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    const refusal = isIP(host) === 0 ? null : refuse(host, host); // a literal address is looked up nowhere
    if (refusal === null) connect(options, callback);
    else callback(refusal, null);
  };
}

/** One refused address refuses the name: which of them would be connected to is the operating system's choice. */
function checked(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const found = typeof address === 'string' ? [address] : error === null ? address.map((each) => each.address) : [];
      const refusal = error ?? found.map((each) => refuse(hostname, each)).find((each) => each !== null) ?? null;
      if (refusal === null) callback(null, address, family);
      else callback(refusal, []);
    });
  };
}

function refuse(host: string, address: string): PermanentError | null {
  const refusal = refusalOf(address);
  if (refusal === null) return null;
  const what = host === address ? address : `${host} (${address})`;
  return new PermanentError(`${what} is no public address (${refusal}): "allowPrivateNetwork: true" allows it`);
}
