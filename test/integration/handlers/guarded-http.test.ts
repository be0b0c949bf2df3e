import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { connect, createServer, type LookupFunction } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PermanentError, UnavailableError } from '../../../packages/shared/src/index.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import type { HttpRequest } from '../../../packages/worker/src/handlers/http-client.js';
import { rejection, until } from '../../support/poll.js';
import { hang, startReceiver, type Receiver } from '../../support/receiver.js';

/** Gives the answers in turn, the last one again and again; writes down what was asked. */
function resolver(...answers: string[][]): LookupFunction & { asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    const addresses = answers[Math.min(asked.push(hostname), answers.length) - 1] ?? [];
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return Object.assign(lookup, { asked });
}

/** A server that answers no attempt to connect: it has stopped, and those who wait for it already are as many as the system lets wait. */
async function deafServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const program = `require('net').createServer().listen(0, '127.0.0.1', 1, function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const waiting = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await until(
    'one waits in vain',
    () => waiting.some(({ connecting }) => !connecting) && waiting.some(({ connecting }) => connecting),
  );
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe('the guarded HTTP client', () => {
  let receiver: Receiver;
  const opened: { close(): Promise<void> }[] = [];
  const client = (lookup?: LookupFunction) => {
    const http = createGuardedHttp(lookup === undefined ? {} : { lookup });
    opened.push(http);
    return http;
  };
  const post = (given: Partial<HttpRequest> = {}): HttpRequest => ({
    method: 'POST',
    url: receiver.url,
    body: '{}',
    signal: AbortSignal.timeout(5_000),
    allowPrivateNetwork: true,
    ...given,
  });

  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((http) => http.close()));
    await receiver.close();
  });

  it('waits 3 s for a connection, however long its caller would wait for an answer', async () => {
    const server = await deafServer();
    const began = Date.now();
    const error = await rejection(client().request(post({ url: server.url, signal: AbortSignal.timeout(15_000) })));
    expect(error).to.be.instanceOf(UnavailableError);
    expect(Date.now() - began).to.be.within(2_900, 8_000);
    await server.close();
  });

  describe('reaches no address inside of the network', () => {
    const hosts = [
      ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '127.0.0.1.', '①②⑦.0.0.1', '%31%32%37.0.0.1'],
      ...['0.0.0.0', '0', '0x0', 'localhost', 'LOCALHOST', '017700000001', '0x7F.0.0.0x1', '127.0.1'],
      ...['169.254.169.254', '0xa9fea9fe', '2852039166', '10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1'],
      ...['255.255.255.255', '224.0.0.1'],
      ...[
        '[::1]',
        '[::]',
        '[::ffff:127.0.0.1]',
        '[::ffff:7f00:1]',
        '[::FFFF:169.254.169.254]',
        '[0:0:0:0:0:ffff:7f00:0001]',
        '[::ffff:0:127.0.0.1]',
        '[fe80::1]',
        '[fc00::1]',
        '[ff02::1]',
        '[64:ff9b:1::7f00:1]',
        '[::127.0.0.1]',
        '[64:ff9b::7f00:1]',
        '[2002:7f00:1::]',
        '[fd00:ec2::254]',
      ],
    ];
    for (const host of hosts) {
      const isName = host.toLowerCase() === 'localhost'; // what a name leads to may change, so the call is tried again
      it(`written as ${host}`, async () => {
        const url = `http://${host}:${receiver.port}/`;
        const error = await rejection(client().request(post({ url, allowPrivateNetwork: false })));
        expect(error).to.be.instanceOf(isName ? UnavailableError : PermanentError);
        expect(error.message).to.include('allowPrivateNetwork');
        expect(receiver.connections()).to.equal(0);
      });
    }

    it('behind a name', async () => {
      for (const address of ['127.0.0.1', '::1', '10.1.2.3', '::ffff:127.0.0.1']) {
        const http = client(resolver([address]));
        const error = await rejection(
          http.request(post({ url: `http://crm.example.com:${receiver.port}/`, allowPrivateNetwork: false })),
        );
        expect(error).to.be.instanceOf(UnavailableError);
        expect(error.message).to.include(`crm.example.com (${address}) is no public address`);
      }
      expect(receiver.connections()).to.equal(0);
    });

    it('behind a name with TLS', async () => {
      const http = client(resolver(['127.0.0.1']));
      const error = await rejection(
        http.request(post({ url: `https://crm.example.com:${receiver.port}/`, allowPrivateNetwork: false })),
      );
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.message).to.include('is no public address');
      expect(receiver.connections()).to.equal(0);
    });

    it('behind a name with several addresses of which one is inside, wherever it stands', async () => {
      for (const addresses of [
        ['2d00::1', '127.0.0.1'],
        ['127.0.0.1', '2d00::1'],
        ['2d00::1', '2d00::2', '10.0.0.1', '2d00::3'],
      ]) {
        const http = client(resolver(addresses));
        const error = await rejection(
          http.request(post({ url: `http://crm.example.com:${receiver.port}/`, allowPrivateNetwork: false })),
        );
        expect(error.message, addresses.join()).to.include('is no public address');
      }
      expect(receiver.connections()).to.equal(0);
    });

    it('behind a name that answers with a public address first (rebinding)', async () => {
      const lookup = resolver(['2d00::1'], ['127.0.0.1']); // nobody has the first one
      const http = client(lookup);
      const request = () =>
        http.request(
          post({
            url: `http://crm.example.com:${receiver.port}/`,
            allowPrivateNetwork: false,
            signal: AbortSignal.timeout(1_000),
          }),
        );
      expect(await rejection(request())).to.be.instanceOf(UnavailableError);
      expect(lookup.asked, 'what is checked is what is connected to').to.have.lengthOf(1);
      const now = performance.now.bind(performance);
      performance.now = () => now() + 10_000; // an answer is remembered for a moment
      const second = rejection(request()).finally(() => (performance.now = now));
      expect((await second).message).to.include('is no public address');
      expect(receiver.connections()).to.equal(0);
    });

    it('over a connection that another action was allowed to open', async () => {
      const http = client();
      await http.request(post());
      expect(await rejection(http.request(post({ allowPrivateNetwork: false })))).to.be.instanceOf(PermanentError);
      expect(receiver.calls).to.have.lengthOf(1);
    });
  });

  it('asks for an address once per connection, and keeps connections', async () => {
    const lookup = resolver(['127.0.0.1']);
    const http = client(lookup);
    for (let call = 0; call < 10; call++) await http.request(post({ url: `http://crm.example.com:${receiver.port}/` }));
    expect(lookup.asked).to.have.lengthOf(receiver.connections());
    expect(receiver.connections()).to.be.lessThan(4);
    expect(receiver.calls[0]?.headers.host).to.equal(`crm.example.com:${receiver.port}`);
  });

  it('sends what it is given and gives back status, headers and body', async () => {
    receiver.reply({ status: 201, headers: { 'X-Made': 'yes', 'Set-Cookie': 'a=b' }, body: 'made' });
    const response = await client().request(
      post({ url: `${receiver.url}/a/b?c=d`, method: 'PUT', headers: { 'X-Own': 'x' }, body: 'ї' }),
    );
    expect(response).to.deep.include({ status: 201, body: 'made' });
    expect(response.headers).to.include({ 'x-made': 'yes', 'set-cookie': 'a=b' });
    const [call] = receiver.calls;
    expect(call).to.deep.include({ method: 'PUT', path: '/a/b?c=d', body: 'ї' });
    expect(call?.headers['x-own']).to.equal('x');
  });

  it('refuses other protocols, credentials in the URL, and what is no URL', async () => {
    for (const url of [
      'ftp://example.com/',
      'file:///etc/passwd',
      'unix:/run/docker.sock',
      'http://user:secret@example.com/',
      'nonsense',
      '//example.com',
    ]) {
      const error = await rejection(client().request(post({ url })));
      expect(error, url).to.be.instanceOf(PermanentError);
      expect(error.message).not.to.include('secret');
    }
  });

  it('follows no redirect', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.reply({ status, headers: { location: `${receiver.url}/elsewhere` } });
      expect((await client().request(post())).status).to.equal(status);
    }
    expect(receiver.calls.map(({ path }) => path)).not.to.include('/elsewhere');
  });

  it('reads 64 KB and hangs up on an answer without end', async () => {
    receiver.reply((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const { body } = await client().request(post());
    expect(body).to.have.lengthOf(65_536);
    await until('the connection is closed', () => receiver.openConnections() === 0);
  });

  it('takes half an answer for none', async () => {
    receiver.reply((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await rejection(client().request(post()))).to.be.instanceOf(UnavailableError);
    receiver.reply((response) => response.destroy());
    expect(await rejection(client().request(post()))).to.be.instanceOf(UnavailableError);
  });

  it('takes garbage for no answer', async () => {
    for (const garbage of [
      '\u0000\u0001 no HTTP at all\r\n\r\n',
      'HTTP/1.1 two hundred\r\n\r\n',
      `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    ]) {
      const server = createServer((socket) => socket.on('error', () => undefined).end(garbage));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const error = await rejection(client().request(post({ url: `http://127.0.0.1:${port}/` })));
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.message).not.to.include('yyy');
      server.close();
    }
  });

  describe('reads what curl reads:', () => {
    const answers: Record<string, string> = {
      'a 100 Continue that nobody asked for': 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      'other interim answers':
        'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      'bare line feeds': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
      'no reason phrase': 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok',
      'a control character in a header': 'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 2\r\n\r\nok',
      'a folded header': 'HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 2\r\n\r\nok',
      'a body that ends with the connection': 'HTTP/1.1 200 OK\r\n\r\nok',
    };
    const answering = async (text: string, work: (url: string) => Promise<void>) => {
      let requests = 0;
      const server = createServer((socket) =>
        socket
          .on('error', () => undefined)
          .once('data', () => {
            requests++;
            socket.end(text, 'latin1');
          }),
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      server.close();
      expect(requests).to.equal(1);
    };
    for (const [what, text] of Object.entries(answers))
      it(what, () =>
        answering(text, async (url) => {
          expect(await client().request(post({ url }))).to.deep.include({ status: 200, body: 'ok' });
        }),
      );

    it('and tells what it does not understand of another one', () =>
      answering('HTTP/1.1 200 OK\r\nX Foo: bar\r\nContent-Length: 2\r\n\r\nok', async (url) => {
        const error = await rejection(client().request(post({ url })));
        expect(error).to.be.instanceOf(UnavailableError);
        expect(error.message).to.include('something that is not HTTP (HPE_INVALID_HEADER_TOKEN: Invalid header token)');
      }));
  });

  it('says how long a body is, whatever the method: without that it would be taken for the next request', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      await client().request(post({ method, body: '{"ї":1}' }));
      expect(receiver.calls.at(-1), method).to.include({ body: '{"ї":1}' });
      expect(receiver.calls.at(-1)?.headers['content-length'], method).to.equal('8');
    }
  });

  it('ends with an answer that switches protocols, which nobody asked for', async () => {
    const text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.write(text)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await rejection(client().request(post({ url })))).to.be.instanceOf(UnavailableError);
    server.close();
  });

  it('sends again what met a connection that the other side was just closing', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      const isFirst = connections++ === 0;
      socket
        .on('error', () => undefined)
        .on('data', () => {
          if (isFirst && socket.bytesWritten > 0) socket.resetAndDestroy();
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const http = client();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    for (let call = 0; call < 3; call++) expect((await http.request(post({ url }))).status).to.equal(200);
    expect(connections).to.equal(2);
    await http.close();
    server.close();
  });

  it('takes headers named like what all objects have for headers', async () => {
    const named = '__proto__: 1\r\n__proto__: 2\r\nconstructor: 3\r\nhasOwnProperty: 4\r\n';
    const server = createServer((socket) =>
      socket.on('error', () => undefined).end(`HTTP/1.1 200 OK\r\n${named}Content-Length: 2\r\n\r\n{}`),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { status, headers } = await client().request(post({ url: `http://127.0.0.1:${port}/` }));
    server.close();
    expect([status, Object.entries(headers).slice(0, 3)]).to.deep.equal([
      200,
      [
        ['__proto__', '1, 2'],
        ['constructor', '3'],
        ['hasownproperty', '4'],
      ],
    ]);
    expect(Object.getPrototypeOf(headers)).to.equal(Object.prototype);
  });

  it('says that the connection was refused, and where', async () => {
    const { url } = receiver;
    await receiver.close();
    const error = await rejection(client().request(post({ url: `${url}/hooks/token?key=secret` })));
    expect(error).to.be.instanceOf(UnavailableError);
    expect(error.message).to.equal(`${url}: refused the connection (ECONNREFUSED)`);
    receiver = await startReceiver();
  });

  it('ends with the signal: a timeout is unavailability, anything else the reason given', async () => {
    receiver.reply(hang, hang);
    const timedOut = await rejection(client().request(post({ signal: AbortSignal.timeout(100) })));
    expect(timedOut).to.be.instanceOf(UnavailableError);
    expect(timedOut.message).to.include('no full answer in time');
    const stop = new AbortController();
    const reason = new Error('the process stops');
    setTimeout(() => stop.abort(reason), 100);
    expect(await rejection(client().request(post({ signal: stop.signal })))).to.equal(reason);
    expect(await rejection(client().request(post({ signal: stop.signal })))).to.equal(reason);
    await until('both connections are closed', () => receiver.openConnections() === 0);
  });

  it('ends with the signal in the midst of an answer that drips', async () => {
    receiver.reply((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await rejection(client().request(post({ signal: AbortSignal.timeout(200) })))).to.be.instanceOf(UnavailableError);
    await until('the connection is closed', () => receiver.openConnections() === 0);
  });

  it('never repeats a request that cannot be sent', async () => {
    expect(await rejection(client().request(post({ headers: { 'x-bad': 'a\nb' } })))).to.be.instanceOf(PermanentError);
  });
});
