import { expect } from 'chai';
import fc from 'fast-check';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { send } from '../../support/http.js';
import { useIngress } from '../../support/ingress.js';
import { storeKinds } from '../../support/stores.js';

for (const kind of storeKinds)
  describe(`what is stored, queue on ${kind}`, () => {
    const ingress = useIngress(kind);

    const encodings = {
      identity: (body: Buffer) => body,
      gzip: gzipSync,
      'x-gzip': gzipSync,
      GZIP: gzipSync,
      deflate: deflateSync,
    };

    async function deliver(encoding: keyof typeof encodings, body: Buffer): Promise<void> {
      await post(encoding, encodings[encoding](body));
      expect((await ingress().lastJob()).body.equals(body)).to.be.true;
    }

    it('is exactly the bytes as received, whatever they are and however they were encoded', async () => {
      const encoding = fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[]));
      await fc.assert(
        fc.asyncProperty(encoding, fc.uint8Array({ maxLength: 3_000 }), (name, bytes) => deliver(name, Buffer.from(bytes))),
        {
          numRuns: 60,
          examples: [
            ['identity', new Uint8Array()],
            ['gzip', new Uint8Array()],
            ['identity', new Uint8Array([0])],
          ],
        },
      );
    });

    it('is the decompressed body of several gzip members in a row', async () => {
      await post('gzip', Buffer.concat([gzipSync('[1,'), gzipSync('2]')]));
      expect((await ingress().lastJob()).body.toString()).to.equal('[1,2]');
    });

    it('is the decompressed body of a deflate stream without its zlib header, as some senders write it', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 3_000 }), async (bytes) => {
          await post('deflate', deflateRawSync(bytes));
          expect((await ingress().lastJob()).body.equals(Buffer.from(bytes))).to.be.true;
        }),
        { numRuns: 30 },
      );
    });

    const whole = gzipSync('[{"a":1},{"b":2}]');
    const undecodable: Record<string, [encoding: string, body: Buffer]> = {
      'text that claims to be gzip': ['gzip', Buffer.from('[]')],
      'a gzip stream that is cut off': ['gzip', whole.subarray(0, -9)],
      'a gzip stream whose check sum is wrong': ['gzip', Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)])],
      'nothing that claims to be gzip': ['gzip', Buffer.alloc(0)],
      'text that claims to be deflate': ['deflate', Buffer.from('[{"a":1}]')],
      'brotli, which was not asked for': ['br', brotliCompressSync('[]')],
      'gzip in gzip': ['gzip, gzip', gzipSync(gzipSync('[]'))],
      'an encoding that nobody knows': ['"gzip"', Buffer.from('[]')],
    };
    for (const [what, [encoding, body]] of Object.entries(undecodable))
      it(`is ${what} as it came, with 200: any other answer would stall the feed`, async () => {
        await post(encoding, body);
        const { body: stored, job } = await ingress().lastJob();
        expect(stored.equals(body)).to.be.true;
        expect(job.bytes).to.equal(body.length);
      });

    async function post(encoding: string, body: Buffer): Promise<void> {
      const { status } = await send(ingress().webhook, { method: 'POST', headers: { 'Content-Encoding': encoding }, body });
      expect(status).to.equal(200);
    }

    it('is all of a body of 50 MB', async () => {
      const element = '{"activityStatus":"READ","activityDateTime":"2024-05-01T10:00:00","contactId":1},';
      await deliver('identity', Buffer.from(`[${element.repeat(50_000_000 / element.length)}0]`));
    });

    it('is all of a body that comes in pieces without a length', async () => {
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let index = 0; index < 50; index++) {
          await new Promise(setImmediate);
          yield Buffer.alloc(10_000, index);
        }
      }
      const { status } = await send(ingress().webhook, { method: 'POST', body: pieces() });
      expect(status).to.equal(200);
      const { body } = await ingress().lastJob();
      expect(body.equals(Buffer.concat(Array.from({ length: 50 }, (_, index) => Buffer.alloc(10_000, index))))).to.be.true;
    });
  });
