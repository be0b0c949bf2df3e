import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { BadRequest, decompress, encodingOf } from '../../../packages/ingress/src/read-body.js';
import { rejection } from '../../support/poll.js';

const text = Buffer.from('[{"a":1}]');
const mebibyte = 2 ** 20;

describe('A compressed body', () => {
  let held: number[];
  const out = (body: Buffer, encoding: string, limit = mebibyte) =>
    decompress(body, encoding, limit, (bytes) => {
      held.push(bytes);
      return Promise.resolve();
    });
  beforeEach(() => (held = []));

  it('comes out of gzip, and of deflate with and without the header of zlib', async () => {
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['x-gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['deflate', deflateRawSync(text)],
    ] as const)
      expect(await out(body, encoding), encoding).to.deep.equal(text);
  });

  it('is none where it is not what is said of it, or said in words that nobody knows', async () => {
    for (const encoding of ['gzip', 'deflate']) expect(await out(text, encoding)).to.equal(undefined);
    expect(await out(gzipSync(text).subarray(0, 12), 'gzip'), 'cut off').to.equal(undefined);
    expect(await out(Buffer.alloc(0), 'deflate')).to.equal(undefined);
    held = [];
    for (const encoding of ['br', 'zstd', '']) expect(await out(gzipSync(text), encoding)).to.equal(undefined);
    expect(held, 'no room is made for it').to.deep.equal([]);
  });

  it('has room made for what may come out of it, little at first, all of the limit where that is not enough', async () => {
    await out(gzipSync(text), 'gzip', 64 * mebibyte);
    expect(held).to.deep.equal([8 * mebibyte]);
    held = [];
    const large = Buffer.alloc(9 * mebibyte, 'x');
    expect((await out(gzipSync(large), 'gzip', 64 * mebibyte))?.equals(large)).to.be.true;
    expect(held).to.deep.equal([8 * mebibyte, 64 * mebibyte]);
  });

  it('may be exactly as long as the limit, and no byte longer', async () => {
    expect(await out(gzipSync(text), 'gzip', text.length)).to.deep.equal(text);
    const error = await rejection(out(gzipSync(text), 'gzip', text.length - 1));
    expect(error).to.be.instanceOf(BadRequest).with.property('status', 413);
    expect(error.message).to.equal(`the body is larger than ${text.length - 1} bytes`);
    expect(held).to.deep.equal([text.length, text.length - 1]);
  });
});

describe('The encoding of a body', () => {
  const request = (encoding?: string) => ({ headers: { 'content-encoding': encoding } }) as unknown as IncomingMessage;
  it('is what its header says, in whichever case, and identity where it says nothing', () => {
    expect([' GZip ', undefined].map((said) => encodingOf(request(said)))).to.deep.equal(['gzip', 'identity']);
  });
});
