import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, type AddressInfo, type LookupFunction, type Socket } from 'node:net';
import { join } from 'node:path';
import { PermanentError, UnavailableError } from '../../../packages/shared/src/index.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { HttpRequest } from '../../../packages/worker/src/handlers/http-client.js';
import { rejection } from '../../support/poll.js';
import { startReceiver } from '../../support/receiver.js';
import { makeTemporaryDirectory } from '../../support/services/temporary-directory.js';

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

/** Nobody asks it: with a proxy names are the proxy's to look up. */
const noLookup: LookupFunction = (hostname, _options, callback) => callback(new Error(`${hostname} was looked up`), []);

describe('calls through a proxy (worker.proxy)', () => {
  const closers: (() => void)[] = [];
  /** What the proxy was asked for, with the login that came along. */
  const asked: { to: string; login: string | undefined }[] = [];
  let answers: 'connects' | 'refuses' | 'is silent' = 'connects';
  let proxy: string;
  let origin: string;
  let ownAuthority: string | undefined;

  before(async () => {
    const folder = await makeTemporaryDirectory();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=crm.example.com'];
    const names = ['-addext', 'subjectAltName=DNS:crm.example.com', '-keyout', key, '-out', cert];
    execFileSync('openssl', [...certificate, ...names], { stdio: 'ignore' });
    const receiver = createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      request.resume().on('end', () => response.end(`at ${request.headers.host}`));
    });
    const receiverPort = await listen(receiver);
    const sockets = new Set<Socket>();
    const proxyServer = createHttp().on('connect', (request, near: Socket) => {
      sockets.add(near);
      near.on('error', () => undefined); // whoever hangs up is no concern of ours
      const login = request.headers['proxy-authorization'];
      asked.push({ to: request.url ?? '', login: login && Buffer.from(login.split(' ')[1] ?? '', 'base64').toString() });
      if (answers === 'is silent') return;
      if (answers === 'refuses') {
        near.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      const far = connect(receiverPort, '127.0.0.1', () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
      far.on('error', () => near.destroy());
      near.pipe(far).pipe(near);
    });
    proxy = `http://me:s%40fe@127.0.0.1:${await listen(proxyServer)}`;
    origin = 'https://crm.example.com:8443';
    ownAuthority = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // nobody has signed the receiver's certificate
    closers.push(
      () => receiver.closeAllConnections(),
      () => receiver.close(),
      () => sockets.forEach((socket) => socket.destroy()),
      () => proxyServer.close(),
    );
  });
  after(() => {
    if (ownAuthority === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = ownAuthority;
    for (const close of closers) close();
  });
  beforeEach(() => {
    answers = 'connects';
    asked.splice(0);
  });

  const client = () => {
    const http = createGuardedHttp({ proxy, lookup: noLookup });
    closers.unshift(() => void http.close());
    return http;
  };
  const post = (url: string, given: Partial<HttpRequest> = {}): HttpRequest => ({
    ...{ method: 'POST', url, body: '{}', headers: {}, signal: AbortSignal.timeout(10_000) },
    ...given,
  });

  it('reach https: URLs whose names only the proxy knows, with its login, by one connection for several calls', async () => {
    const http = client();
    for (let call = 0; call < 2; call++)
      expect(await http.request(post(`${origin}/hook`))).to.include({ status: 200, body: 'at crm.example.com:8443' });
    expect(asked).to.deep.equal([{ to: 'crm.example.com:8443', login: 'me:s@fe' }]);
  });

  it('reach an IPv6 address in the URL, which the proxy is asked for in brackets', async () => {
    const { status } = await client().request(post('https://[2606:4700::1111]/hook'));
    expect(status).to.equal(200);
    expect(asked).to.deep.equal([{ to: '[2606:4700::1111]:443', login: 'me:s@fe' }]);
  });

  it('go through a proxy at an IPv6 address', async function () {
    const six = createHttp().on('connect', (_request, near: Socket) => void near.end('HTTP/1.1 407 Who are you\r\n\r\n'));
    const heard = await new Promise<boolean>((resolve) => {
      six.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
    });
    if (!heard) return this.skip(); // a machine without IPv6
    closers.push(() => six.close());
    const http = createGuardedHttp({ proxy: `http://[::1]:${(six.address() as AddressInfo).port}`, lookup: noLookup });
    closers.unshift(() => void http.close());
    const refused = await rejection(http.request(post(origin)));
    expect(refused.message).to.include('the proxy (worker.proxy) did not let the call through');
  });

  it('are refused where an address inside stands in the URL', async () => {
    for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.169.254'])
      expect(await rejection(client().request(post(`https://${host}/`)))).to.be.instanceOf(PermanentError);
    expect(asked).to.deep.equal([]);
  });

  it('are tried again later when the proxy refuses, or does not answer', async () => {
    answers = 'refuses';
    const refused = await rejection(client().request(post(origin)));
    expect(refused).to.be.instanceOf(UnavailableError);
    expect(refused.message).to.include('the proxy (worker.proxy) did not let the call through');
    answers = 'is silent';
    const silent = await rejection(client().request(post(origin)));
    expect(silent).to.be.instanceOf(UnavailableError);
    expect(silent.message).to.include('no connection in time');
  });

  it('go without it to http: URLs, and wherever private addresses are allowed', async () => {
    const receiver = await startReceiver();
    const { status } = await client().request(post(receiver.url, { allowPrivateNetwork: true }));
    expect(status).to.equal(200);
    const byName = await rejection(client().request(post('http://crm.example.com/')));
    expect(byName.message).to.include('http://crm.example.com: ');
    expect(asked).to.deep.equal([]);
    await receiver.close();
  });
});
