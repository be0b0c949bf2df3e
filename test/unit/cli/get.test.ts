import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitUntilReady } from '../../../packages/cli/src/instance/readiness.js';
import { askProcess } from '../../../packages/cli/src/status/ask-process.js';
import { get } from '../../../packages/cli/src/system/get.js';
import { codeOf } from '../../../packages/cli/src/system/plain-error.js';

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error); // prettier-ignore

describe('asking a process of this machine', () => {
  const servers: Server[] = [];
  /** The URL of a server with these answers, at the first of the ports that is free. */
  const serve = async (answer: RequestListener, ports = [0]): Promise<string> => {
    for (const port of ports) {
      const server = createServer(answer).listen(port, '127.0.0.1');
      if ((await failureOf(once(server, 'listening'))) !== undefined) continue;
      servers.push(server);
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    }
    throw new Error(`none of the ports ${ports.join(', ')} is free`);
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  it('gives status and text, and hands over the headers', async () => {
    const url = await serve(({ headers }, response) => response.writeHead(503).end(`for ${headers.authorization ?? 'nobody'}`));
    const answer = await get(url, AbortSignal.timeout(5_000), { authorization: 'Bearer t' });
    expect(answer).to.deep.equal({ status: 503, text: 'for Bearer t' });
  });

  it('finds one at a port that browsers do not call', async () => {
    const url = await serve((_, response) => response.end('{}'), [10080, 6566, 6000, 6665]);
    const { hostname: host, port } = new URL(url);
    expect(await askProcess('worker', { host, port: Number(port) })).to.include({ state: 'ready' });
    expect(await waitUntilReady(url, AbortSignal.timeout(5_000))).to.equal('');
  });

  for (const [what, answer] of [
    ['says nothing', () => undefined],
    ['stops in the middle of its answer', (_, response) => response.writeHead(200).write('half')],
  ] as [string, RequestListener][])
    it(`waits no longer than it may for one that ${what}`, async () => {
      const url = await serve(answer);
      expect(await failureOf(get(url, AbortSignal.timeout(200)))).to.have.property('name', 'TimeoutError');
    });

  it('says why where nobody listens, or where the connection ends', async () => {
    expect(await failureOf(get('http://127.0.0.1:1', AbortSignal.timeout(5_000)))).to.have.property('code', 'ECONNREFUSED');
    const url = await serve(({ socket }) => void socket.destroy());
    expect(await failureOf(get(url, AbortSignal.timeout(5_000)))).to.have.property('code', 'ECONNRESET');
  });

  it('reads no more than an answer of ours can have, and asks nobody at port 80 instead of at port 0', async () => {
    const url = await serve((_, response) => response.end(Buffer.alloc(2 ** 20 + 1)));
    expect(await failureOf(get(url, AbortSignal.timeout(5_000)))).to.match(/more than 1 MiB/);
    expect(await failureOf(get('http://127.0.0.1:0/health/ready', AbortSignal.timeout(5_000)))).to.match(/port 0 stands for any/);
  });

  it('says of a process that answers nothing that can be read that it is not ready, not that it is not there', async () => {
    const { hostname: host, port } = new URL(await serve(({ socket }) => void socket.end('no HTTP\r\n\r\n')));
    const { state, reasons } = await askProcess('worker', { host, port: Number(port) });
    expect([state, reasons.length]).to.deep.equal(['not ready', 1]);
    expect(await askProcess('worker', { host, port: 1 })).to.deep.include({ state: 'absent', reasons: [] });
  });

  it('says in words that an answer was too late', () => {
    expect(codeOf(new DOMException('too late', 'TimeoutError'))).to.equal(undefined);
    expect(codeOf(Object.assign(new Error('no'), { code: 'EACCES' }))).to.equal('EACCES');
  });

  it('does not wait for more after an answer in another protocol', async () => {
    const url = await serve(
      ({ socket }) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'),
    );
    expect(await failureOf(get(url, AbortSignal.timeout(5_000)))).to.match(/without an answer/);
  });
});
