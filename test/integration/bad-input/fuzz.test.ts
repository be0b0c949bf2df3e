import { expect } from 'chai';
import fc from 'fast-check';
import { onTheWire, wireCall } from '../../support/arbitrary-request.js';
import { brokenElement } from '../../support/arbitrary-activity.js';
import { readCorpus } from '../../support/corpus.js';
import { send, sendRaw } from '../../support/http.js';
import { mutatedBytes, mutatedJson } from '../../support/mutations.js';
import { sourceToken, usePipeline } from '../../support/pipeline.js';
import { until } from '../../support/poll.js';
import { sampleBodies, sampleElements } from '../../support/samples.js';
import { storeKinds } from '../../support/stores.js';
import { sound } from './set-up.js';

/** JSON that is no activity of ours, whatever else it may be. */
const hostile = fc.oneof(mutatedJson(fc.constantFrom(...sampleElements)), brokenElement, fc.json({ stringUnit: 'binary' }));
const here = Symbol('a sound element');
const elements = fc.array(fc.oneof(fc.constant(here), hostile), { minLength: 1, maxLength: 6 });
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  mutatedBytes(fc.constantFrom(...sampleBodies).map((text) => Buffer.from(text))),
);

for (const kind of storeKinds)
  describe(`hostile input, from HTTP to rows, queue on ${kind}`, function () {
    this.timeout(120_000);
    const pipeline = usePipeline(kind);

    describe('each file of the corpus is answered with 200 and leaves in the database what is expected:', () => {
      for (const { name, body, expected } of readCorpus())
        it(name.replaceAll('-', ' '), async () => {
          const { batch, rejections } = await pipeline().deliver(body);
          expect(rejections.map(({ position, reason }) => [position, reason])).to.deep.equal(expected.refused);
          expect(batch.new + batch.duplicate).to.equal(expected.taken);
        });
    });

    describe('generated and mutated', () => {
      /** Batches answered with 200. */
      let acknowledged = 0;
      const written = async () =>
        Number((await pipeline().query<{ count: string }>('select count(*) from vidhuk.batch'))[0]?.count);
      before(async () => {
        acknowledged = await written();
      });

      it('every call with good credentials gets 200, whatever its headers, framing and elements, and every sound element is projected', async () => {
        const port = Number(new URL(await pipeline().webhook()).port);
        const expected: ReturnType<typeof sound>[] = [];
        await fc.assert(
          fc.asyncProperty(wireCall, elements, async (call, drawn) => {
            const texts = drawn.map((element) => {
              if (typeof element === 'string') return element;
              const made = sound();
              expected.push(made);
              return JSON.stringify(made);
            });
            const answer = await sendRaw(port, onTheWire(call, Buffer.from(`[${texts.join()}]`), sourceToken));
            expect(answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '')).to.match(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
            acknowledged++;
          }),
          { numRuns: 150 },
        );
        expect(expected.length).to.be.greaterThan(20);
        await until('the sound ones are projected', async () => {
          const rows = await pipeline().query<{ contact_id: string; email: string }>(
            'select contact_id, email from vidhuk.contact_status where contact_id = any($1)',
            [expected.map(({ contactId }) => contactId)],
          );
          const found = new Map(rows.map(({ contact_id, email }) => [Number(contact_id), email]));
          return expected.every(({ contactId, email }) => found.get(contactId) === email);
        });
      });

      it('every body of any bytes gets 200, and each ends in the log or in quarantine', async () => {
        const url = await pipeline().webhook();
        await fc.assert(
          fc.asyncProperty(anyBytes, async (body) => {
            expect((await send(url, { method: 'POST', body })).status).to.equal(200);
            acknowledged++;
          }),
          { numRuns: 100 },
        );
        await until('all are written', async () => (await written()) === acknowledged);
        const [row] = await pipeline().query('select count(*) from vidhuk.batch where total <> "new" + duplicate + rejected');
        expect(row).to.deep.equal({ count: '0' });
      });

      it('none of it made the worker try twice', () => {
        const complaints = pipeline()
          .worker.lines()
          .filter(({ level }) => Number(level) >= 40);
        expect(complaints).to.deep.equal([]);
      });
    });
  });
