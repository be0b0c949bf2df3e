import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { send } from '../../support/http.js';
import { counts, describeBadInput, sound } from './set-up.js';

describeBadInput('much of it', ({ kind, pipeline, deliver, expectProjected }) => {
  it('a thousand elements, every second of them broken', async () => {
    const elements = Array.from({ length: 1_000 }, (_, index) =>
      index % 2 === 0 ? JSON.stringify(sound()) : `{"broken":${index}}`,
    );
    const outcome = await deliver(`[${elements.join(',')}]`);
    expect(counts(outcome)).to.deep.equal({ total: 1_000, new: 500, duplicate: 0, rejected: 500 });
    for (const { position, raw } of outcome.rejections) expect(raw).to.equal(elements[position]);
  });

  it('the same activity a thousand times in one batch, and the batch again', async () => {
    const element = sound();
    const body = JSON.stringify(Array.from({ length: 1_000 }, () => element));
    expect(counts(await deliver(body))).to.deep.equal({ total: 1_000, new: 1, duplicate: 999, rejected: 0 });
    const again = await deliver(body);
    expect(counts(again)).to.deep.equal({ total: 1_000, new: 0, duplicate: 1_000, rejected: 0 });
    expect(await again.storedBody()).to.equal(null);
    await expectProjected(element);
  });

  describe('a body that is large:', () => {
    it('50 MB of activities', async () => {
      const filler = 'x'.repeat(10_000);
      const elements = Array.from({ length: 5_000 }, () => sound({ filler }));
      const body = JSON.stringify(elements);
      expect(body.length).to.be.greaterThan(50_000_000);
      const outcome = await deliver(body);
      expect(counts(outcome)).to.deep.equal({ total: 5_000, new: 5_000, duplicate: 0, rejected: 0 });
      expect(outcome.batch.bytes).to.equal(body.length);
      const hash = createHash('sha256').update(body).digest('hex');
      const stored = await pipeline().query(`select encode(sha256(body), 'hex') as hash from vidhuk.batch where id = $1`, [
        outcome.batch.id,
      ]);
      expect(stored).to.deep.equal([{ hash }]);
      await expectProjected(elements[0]!, elements[4_999]!);
    });

    if (kind === 'postgres')
      // Behind the queue it is all the same, and it takes its time: once is enough.
      it('50 MB that are not JSON', async () => {
        const body = `[${'not JSON, '.repeat(5_000_000)}`;
        const outcome = await deliver(body);
        expect(counts(outcome)).to.deep.equal({ total: 1, new: 0, duplicate: 0, rejected: 1 });
        expect(outcome.rejections[0]?.raw === body.slice(0, 65_536)).to.be.true; // the rest is in the body
        expect(outcome.rejections[0]?.raw_bytes).to.equal(body.length);
        expect((await outcome.storedBody())?.length).to.equal(body.length);
      });

    it('a gzip bomb: 413, no row, and the feed goes on', async () => {
      const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20, ' '), { level: 1 });
      const before = await pipeline().query('select count(*) from vidhuk.batch');
      const headers = { 'Content-Encoding': 'gzip' };
      expect((await send(await pipeline().webhook(), { method: 'POST', headers, body: bomb })).status).to.equal(413);
      expect(await pipeline().query('select count(*) from vidhuk.batch')).to.deep.equal(before);
      const element = sound();
      await deliver(gzipSync(JSON.stringify([element])), { headers });
      await expectProjected(element);
    });
  });
});
