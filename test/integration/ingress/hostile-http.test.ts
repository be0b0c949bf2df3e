import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { send, sendRaw } from '../../support/http.js';
import { token, useIngress } from '../../support/ingress.js';

const mebibyte = 2 ** 20;
const hidden = `POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]`;
const length = Buffer.byteLength(hidden);

describe('hostile HTTP', () => {
  const ingress = useIngress('postgres', { headersTimeoutMs: 400, requestTimeoutMs: 800, limits: { maxBodyBytes: mebibyte } });
  const stored = () =>
    ingress()
      .captured.lines()
      .filter(({ msg }) => msg === 'batch stored').length;
  const raw = (text: string) => sendRaw(ingress().port, text, { endAfterMs: 200 });
  afterEach('it serves the next sender', async () => {
    expect((await send(ingress().webhook, { method: 'POST', body: '[]' })).status).to.equal(200);
  });

  describe('a request hidden in the body of another without credentials is never taken for one of its own:', () => {
    const shapes: Record<string, string> = {
      'a length and chunks': `Content-Length: ${length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      'chunks and a length': `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
      'two lengths': `Content-Length: 0\r\nContent-Length: ${length}\r\n\r\n${hidden}`,
      'two lengths in one': `Content-Length: 0, ${length}\r\n\r\n${hidden}`,
      'a length with a sign': `Content-Length: +0\r\n\r\n${hidden}`,
      'a negative length': `Content-Length: -1\r\n\r\n${hidden}`,
      'a hexadecimal length': `Content-Length: 0x0\r\n\r\n${hidden}`,
      'a length beyond 2^64': `Content-Length: 18446744073709551616\r\n\r\n${hidden}`,
      'a blank before the colon of the length': `Content-Length : ${length}\r\n\r\n${hidden}`,
      'a blank before the colon of the encoding': `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
      'an encoding that is not chunked': `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
      'chunked, and then not': `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
      'chunked twice': `Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n${hidden}`,
      'an encoding with a vertical tab': `Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${hidden}`,
      'a folded header': `X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: ${length}\r\n\r\n${hidden}`,
      'a bare line feed as the end of a header': `X: y\nContent-Length: 0\r\n\r\n${hidden}`,
      'a bare carriage return in a header': `X: y\rContent-Length: 0\r\n\r\n${hidden}`,
      'a NUL in a header': `X: y\0Content-Length: 0\r\n\r\n${hidden}`,
      'a header without a name': `: y\r\nContent-Length: 0\r\n\r\n${hidden}`,
      'a chunk size that is none': `Transfer-Encoding: chunked\r\n\r\n0g\r\n\r\n${hidden}`,
      'a chunk size with 0x': `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${hidden}`,
      'a negative chunk size': `Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${hidden}`,
      'a chunk size beyond 2^64': `Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n${hidden}`,
      'a chunk longer than its size': `Transfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n${hidden}`,
      'a chunk extension with a bare carriage return': `Transfer-Encoding: chunked\r\n\r\n2;a\rb\r\n[]\r\n0\r\n\r\n${hidden}`,
      'a chunk extension of 20 KB': `Transfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(20_000)}\r\n[]\r\n0\r\n\r\n`,
      'chunk extensions of 20 KB together': `Transfer-Encoding: chunked\r\n\r\n${`1;${'a'.repeat(200)}\r\n[\r\n`.repeat(100)}0\r\n\r\n`,
      'a trailer of 20 KB': `Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n${hidden}`,
      'a chunk extension with a bare line feed': `Transfer-Encoding: chunked\r\n\r\n2;a\n[]\r\n0\r\n\r\n${hidden}`,
      'a trailer with a length': `Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 0\r\n\r\n${hidden}`,
    };
    for (const [name, rest] of Object.entries(shapes))
      it(name, async () => {
        const before = stored();
        const answer = await raw(`POST /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\n${rest}`);
        expect(answer.match(/^HTTP\/1\.1 \d+/gm)?.filter((line) => !line.endsWith(' 401'))).to.satisfy(
          (others: string[]) => others.length <= 1 && others.every((line) => / 4(00|13|31)$/.test(line)),
          answer,
        );
        expect(stored()).to.equal(before);
      });

    for (const start of ['GET /health/live', 'GET /webhooks/esputnik/main', 'HEAD /', 'DELETE /x', 'POST /nowhere', 'OPTIONS *'])
      it(`a body of ${start}, which nobody asks for`, async () => {
        const before = stored();
        const answer = await raw(`${start} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${hidden}`);
        expect(answer.match(/^HTTP\/1\.1 \d+/gm)).to.have.length(1);
        expect(stored()).to.equal(before);
      });

    it('a length that says exactly where it ends is the plain case: the next request is one of its own', async () => {
      const before = stored();
      const answer = await raw(`POST /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]${hidden}`);
      expect(answer.match(/^HTTP\/1\.1 \d+/gm)).to.deep.equal(['HTTP/1.1 401', 'HTTP/1.1 200']);
      expect(stored()).to.equal(before + 1);
    });
  });

  describe('what is no request is answered with 4xx or hung up on:', () => {
    const texts: Record<string, string> = {
      TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'no Host': 'GET /webhooks/esputnik/main HTTP/1.1\r\n\r\n',
      'a method nobody knows': 'MAKE /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\n\r\n',
      'a proxy request': 'CONNECT internal:5432 HTTP/1.1\r\nHost: x\r\n\r\n',
      'zero bytes': '\0'.repeat(1_000),
      'a URL of 20 KB': `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      'a header of 20 KB': `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      'five thousand headers': `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(5_000)}\r\n`,
    };
    for (const [name, text] of Object.entries(texts))
      it(name, async () => {
        expect(await raw(text)).to.match(/^(HTTP\/1\.1 4\d\d |$)/);
      });
  });

  describe('paths', () => {
    const base = `/webhooks/esputnik/main`;
    const wrong = [
      `${base}/../main/${token}x`,
      `${base}%2f${token}`,
      `${base}/..%2fmain/${token}`,
      `${base}/%2e%2e/main/${token}x`,
      `//webhooks/esputnik/main/${token}`,
      `/webhooks//esputnik/main/${token}`,
      `${base}//${token}`,
      `${base}/./${token}`,
      `${base};/${token}`,
      `${base}/${token}%00`,
      `${base}/${token}%20`,
      `${base}/${token.toUpperCase()}`,
      `${base}/${token}/../x`,
      `/webhooks/esputnik/MAIN/${token}`,
      `/webhooks/esputnik/main%20/${token}`,
      `/webhooks/esputnik/main\\${token}`,
      `/metrics`,
      `${base}/../../../metrics`,
      `${base}/..%2f..%2f..%2fmetrics`,
    ];
    for (const path of wrong)
      it(`${path.replaceAll(token, 'TOKEN')} opens nothing`, async () => {
        const before = stored();
        const answer = await raw(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]`);
        expect(answer).to.match(/^HTTP\/1\.1 (400|401|404|405) /);
        expect(stored()).to.equal(before);
        expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).to.not.include('vidhuk_');
      });
  });

  it('many senders that drip their headers are all cut off in time, and delay nobody', async () => {
    const began = Date.now();
    const drips = Array.from({ length: 50 }, async () => {
      const socket = connect(ingress().port, '127.0.0.1').on('error', () => undefined);
      socket.resume().write('POST /webhooks/esputnik/main HTTP/1.1\r\nHost: x\r\nX: ');
      const drip = setInterval(() => socket.write('a'), 50);
      await once(socket, 'close');
      clearInterval(drip);
    });
    expect((await send(ingress().webhook, { method: 'POST', body: '[]' })).status).to.equal(200);
    await Promise.race([
      Promise.all(drips),
      sleep(10_000, undefined, { ref: false }).then(() => expect.fail('some are still there')),
    ]);
    expect(Date.now() - began).to.be.greaterThan(350);
  });

  it('many senders that drip their bodies, with a length or in chunks, are all cut off in time, and delay nobody', async () => {
    const drips = Array.from({ length: 50 }, async (_, index) => {
      const socket = connect(ingress().port, '127.0.0.1').on('error', () => undefined);
      const framing = index % 2 === 0 ? 'Content-Length: 100000' : 'Transfer-Encoding: chunked';
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write(`POST /webhooks/esputnik/main/${token} HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
      const drip = setInterval(() => socket.write(index % 2 === 0 ? '[' : '1\r\n[\r\n'), 50);
      await once(socket, 'close');
      clearInterval(drip);
      return answer;
    });
    expect((await send(ingress().webhook, { method: 'POST', body: '[]' })).status).to.equal(200);
    const answers = await Promise.race([
      Promise.all(drips),
      sleep(10_000, undefined, { ref: false }).then(() => expect.fail('some are still there')),
    ]);
    for (const answer of answers) expect(answer).to.match(/^(HTTP\/1\.1 (408|400|503) |$)/);
  });

  const bombs = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync };
  for (const [encoding, compress] of Object.entries({ ...bombs, 'deflate without header': deflateRawSync }))
    it(`a bomb in ${encoding} gets 413`, async () => {
      const body = compress(Buffer.alloc(40 * mebibyte));
      expect(body.length).to.be.lessThan(mebibyte / 4);
      const headers = { 'Content-Encoding': encoding.split(' ')[0] ?? '' };
      expect((await send(ingress().webhook, { method: 'POST', headers, body })).status).to.equal(413);
    });

  const brotli = (body: Buffer): Buffer => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const nested: Record<string, (body: Buffer) => Buffer> = {
    br: brotli,
    'gzip, gzip': (body) => gzipSync(gzipSync(body)),
    'gzip, br': (body) => brotli(gzipSync(body)),
    'deflate, gzip': (body) => gzipSync(deflateSync(body)),
  };
  for (const [encoding, compress] of Object.entries(nested))
    it(`a bomb in ${encoding} is opened by nobody: it is stored as it came`, async () => {
      const body = compress(Buffer.alloc(8 * mebibyte));
      const { status } = await send(ingress().webhook, { method: 'POST', headers: { 'Content-Encoding': encoding }, body });
      expect(status).to.equal(200);
      expect((await ingress().lastJob()).body.equals(body)).to.be.true;
    });

  it('a bomb of many gzip members gets 413', async () => {
    const body = Buffer.concat(Array.from({ length: 100 }, () => gzipSync(Buffer.alloc(100_000))));
    expect((await send(ingress().webhook, { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body })).status).to.equal(
      413,
    );
  });
});
