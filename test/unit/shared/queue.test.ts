import { expect } from 'chai';
import fc from 'fast-check';
import { packBody, receivedAtOf, unpackBody } from '../../../packages/shared/src/index.js';

/** What comes out of a job that carries `body`; `bytes`: how long the job says that it is. */
const carried = async (body: Buffer, bytes = body.length): Promise<Buffer> => unpackBody({ body: await packBody(body), bytes });

describe('packBody and unpackBody', () => {
  it('give back any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        const body = Buffer.from(bytes);
        expect((await carried(body)).equals(body)).to.be.true;
      }),
    );
  });

  it('give back an empty body, one of 50 MB, and those at the length from which another thread does it', async () => {
    const lengths = [0, 65_535, 65_536, 65_537, 50_000_000];
    for (const body of lengths.map((length) => Buffer.alloc(length, '[{"a":1}]')))
      expect((await carried(body)).equals(body)).to.be.true;
  });

  it('give back all bytes whatever length the job says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5_000 }),
        fc.oneof(fc.nat(10_000), fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 40)),
        async (bytes, said) => {
          const body = Buffer.from(bytes);
          expect((await carried(body, said)).equals(body)).to.be.true;
        },
      ),
    );
  });

  it('make plain ASCII, which every store keeps as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect(await packBody(Buffer.from(bytes))).to.match(/^[A-Za-z0-9+/]+=*$/);
      }),
    );
  });
});

describe('receivedAtOf', () => {
  it('reads the time out of a UUID version 7 (the example of RFC 9562, appendix A.6)', () => {
    expect(receivedAtOf('017F22E2-79B0-7CC3-98C4-DC0C0C07398F')).to.equal(Date.UTC(2022, 1, 22, 19, 22, 22));
  });

  it('reads any time', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 7 }), fc.integer({ min: 0, max: 2 ** 48 - 1 }), (uuid, ms) => {
        const hex = ms.toString(16).padStart(12, '0');
        expect(receivedAtOf(`${hex.slice(0, 8)}-${hex.slice(8)}${uuid.slice(13)}`)).to.equal(ms);
      }),
    );
  });
});
