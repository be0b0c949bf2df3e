/** Whose request it is, as far as the proxies in between can be believed. */
import type { IncomingMessage } from 'node:http';
import { ConfigurationError, messageOf } from '@vidhuk/shared';
import proxyAddr from 'proxy-addr';

/** Gives the address of the client: that of the connection, unless it is one of `trusted`, which tells in X-Forwarded-For for whom it asks. Throws a {@link ConfigurationError} for what is no address. */
export function clientAddressOf(trusted: readonly string[]): (request: IncomingMessage) => string | undefined {
  const trust = compile(trusted);
  return (request) => (request.socket.remoteAddress === undefined ? undefined : proxyAddr(request, trust));
}

function compile(trusted: readonly string[]): ReturnType<typeof proxyAddr.compile> {
  try {
    return proxyAddr.compile([...trusted]);
  } catch (error) {
    throw new ConfigurationError([`ingress.trustedProxies: ${messageOf(error)}`]);
  }
}
