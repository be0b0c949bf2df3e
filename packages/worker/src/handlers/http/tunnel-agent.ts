/** Connections to https: origins through a proxy (CONNECT), which looks their names up and connects to them: TLS is between the origin and us. */
import { request as requestPlain, type ClientRequestArgs } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

type Created = (error: Error | null, stream: Duplex) => void;

/** Of an error, for `describe-failure.ts`. */
const withCode = (code: string, message: string): Error => Object.assign(new Error(message), { code });

export class TunnelAgent extends Agent {
  /** `proxy`: http: or https:, with credentials where it asks for them. `connectTimeoutMs`: for proxy, CONNECT and TLS together. */
  constructor(
    private readonly proxy: URL,
    private readonly connectTimeoutMs: number,
  ) {
    super({ keepAlive: true });
  }

  override createConnection(options: ClientRequestArgs & ConnectionOptions, created: Created): undefined {
    const host = options.host ?? '';
    const origin = `${isIPv6(host) ? `[${host}]` : host}:${options.port ?? 443}`;
    let pending: { destroy(error: Error): unknown };
    const settle = (error: Error | null, stream?: Duplex) => {
      clearTimeout(timer);
      if (error === null && stream !== undefined) created(null, stream);
      else (created as (error: Error | null) => void)(error);
    };
    const timer = setTimeout(() => pending.destroy(withCode('CONNECT_TIMEOUT', 'no connection in time')), this.connectTimeoutMs);
    const connect = this.#askFor(origin);
    pending = connect;
    connect.once('error', settle);
    connect.once('response', (response) => {
      response.destroy(); // only CONNECT's own event brings a way through
      settle(withCode('PROXY_REFUSED', 'refused by the proxy'));
    });
    connect.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        settle(withCode('PROXY_REFUSED', `the proxy answered ${statusCode}`));
        return;
      }
      const tls = connectTls({ ...options, socket });
      pending = tls;
      tls.once('error', settle);
      tls.once('secureConnect', () => {
        tls.off('error', settle);
        settle(null, tls);
      });
    });
    connect.end();
  }

  #askFor(origin: string) {
    const { protocol, hostname, port, username, password } = this.proxy;
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    const options = {
      method: 'CONNECT',
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? undefined : Number(port),
      path: origin,
      headers: { host: origin, ...(username === '' ? {} : { 'proxy-authorization': `Basic ${login}` }) },
      agent: false as const,
    };
    return protocol === 'https:' ? requestTls(options) : requestPlain(options);
  }
}
