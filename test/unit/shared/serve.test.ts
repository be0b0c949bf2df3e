import { expect } from 'chai';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { Agent, type Server } from 'node:http';
import { connect } from 'node:net';
import { ConfigurationError, serve } from '../../../packages/shared/src/index.js';
import { send } from '../../support/http.js';
import { captureLog } from '../../support/log-lines.js';
import { rejection, until } from '../../support/poll.js';

const host = '127.0.0.1';

/** A server that answers when it is told to. */
async function startHolding(drainMs?: number) {
  const captured = captureLog();
  const held: (() => void)[] = [];
  const stop = await serve(
    async (request, response) => {
      if (request.url === '/held') await new Promise<void>((resolve) => held.push(resolve));
      response.end('done');
    },
    { host, port: 0 },
    captured.log,
    drainMs === undefined ? {} : { drainMs },
  );
  const port = Number(captured.lines().find(({ msg }) => msg === 'listening')?.port);
  return { stop, port, held, url: `http://${host}:${port}` };
}

describe('serve', () => {
  it('says which address it cannot have, and what to do', async () => {
    const { stop, port } = await startHolding();
    const error = await rejection(serve(() => Promise.resolve(), { host, port }, captureLog().log));
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.include(`${host}:${port}`).and.to.include('choose another port');
    await stop();
  });

  it('stops at once although a client keeps its connection', async () => {
    const { stop, url } = await startHolding();
    const agent = new Agent({ keepAlive: true });
    await send(url, { agent });
    const began = Date.now();
    await stop();
    expect(Date.now() - began).to.be.lessThan(1_000);
    agent.destroy();
  });

  it('lets a running request finish, and then does not wait for its connection', async () => {
    const { stop, url, held } = await startHolding();
    const agent = new Agent({ keepAlive: true });
    const answer = send(`${url}/held`, { agent });
    await until('it is under way', () => held.length === 1);
    let stopped = false;
    const stopping = stop().then(() => (stopped = true));
    await until('it takes nobody new', async () => (await rejection(send(url))).message.includes('ECONNREFUSED'));
    expect(stopped).to.be.false;
    const began = Date.now();
    held[0]?.();
    expect((await answer).body).to.equal('done');
    await stopping;
    expect(Date.now() - began).to.be.lessThan(1_000);
    agent.destroy();
  });

  it('goes on as if nothing were for the time of its drain, then answers whoever is connected and sends them away', async () => {
    const { stop, url, port } = await startHolding(300);
    const socket = connect(port, host);
    await once(socket, 'connect');
    const stopping = stop();
    const early = await send(url, { headers: { Connection: 'keep-alive' } });
    expect(early.headers.connection).to.equal('keep-alive');
    await until('it takes nobody new', async () => (await rejection(send(url))).message.includes('ECONNREFUSED'));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [late] = (await once(socket, 'data')) as [Buffer];
    expect(late.toString()).to.match(/^HTTP\/1\.1 200 OK\r\nConnection: close/i);
    await stopping;
  });

  it('gives the headers of a request 10 s and the whole of it 30 s, where nobody says otherwise', async () => {
    const { stop, url } = await startHolding();
    let limits: unknown;
    const look = (message: unknown) => {
      const { headersTimeout, requestTimeout } = (message as { server: Server }).server;
      limits = { headersTimeout, requestTimeout };
    };
    subscribe('http.server.request.start', look);
    await send(url);
    unsubscribe('http.server.request.start', look);
    await stop();
    expect(limits).to.deep.equal({ headersTimeout: 10_000, requestTimeout: 30_000 });
  });

  it('serves a request whose expectation it does not know: a refusal would stall the feed', async () => {
    const { stop, url } = await startHolding();
    const { status, body } = await send(url, { headers: { Expect: 'the-unexpected' } });
    expect([status, body]).to.deep.equal([200, 'done']);
    await stop();
  });
});
