import { expect } from 'chai';
import fc from 'fast-check';
import { batchOptions, packBody, receivedAtOf, unpackBody } from '../../../packages/shared/src/index.js';

/** What comes out of a job that carries `body`; `bytes`: how long the job says that it is. */
const carried = async (body: Buffer, bytes = body.length): Promise<Buffer> => unpackBody({ body: await packBody(body), bytes });

describe('A batch that is done', () => {
  const keptFor = (body: string, keepFinished: string, fill?: number): unknown => {
    const { removeOnComplete } = batchOptions({ id: 'a', body }, keepFinished, fill);
    return typeof removeOnComplete === 'object' && 'age' in removeOnComplete ? removeOnComplete.age : removeOnComplete;
  };

  it('stays for as long as is said, where the store has no limit or room enough for what waits', () => {
    expect(keptFor('small', '1h')).to.equal(3_600);
    expect(keptFor('small', '1h', 0.49)).to.equal(3_600);
  });

  it('goes at once where nothing is to stay, where it is large, and where the store is half full', () => {
    expect(keptFor('small', 'off')).to.be.true;
    expect(keptFor('x'.repeat(100 * 1024 + 1), '1h')).to.be.true;
    expect(keptFor('small', '1h', 0.5)).to.be.true;
  });
});

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
