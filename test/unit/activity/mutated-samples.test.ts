import { expect } from 'chai';
import fc from 'fast-check';
import { parseBatch, type ParsedBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { mutatedBytes, mutatedJson } from '../../support/mutations.js';
import { sampleBodies, sampleElements } from '../../support/samples.js';

const parse = (body: string | Buffer): ParsedBatch =>
  parseBatch(Buffer.from(body as string), { source: 'main', timeZone: 'UTC' });
const sample = fc.constantFrom(...sampleElements);

/** No element is dropped or counted twice, and what is to be stored can be. */
function expectAccounted({ total, activities, rejections }: ParsedBatch): void {
  const positions = [...activities, ...rejections].map(({ position }) => position).sort((a, b) => a - b);
  expect(positions).to.deep.equal(Array.from({ length: total }, (_, index) => index));
  const kept = activities.flatMap((activity) => Object.values(activity) as unknown[]);
  const texts = [...kept.flat(), ...rejections.flatMap(({ detail, raw }) => [detail, raw])];
  for (const text of texts)
    if (typeof text === 'string') expect(text.includes('\0') || !text.isWellFormed(), JSON.stringify(text)).to.be.false;
  for (const value of kept) if (typeof value === 'number') expect(Number.isSafeInteger(value), String(value)).to.be.true;
}

describe('the vendor’s samples, mutated', () => {
  it('byte by byte: nothing is thrown, nothing dropped, and what is not JSON any more is kept whole', () => {
    fc.assert(
      fc.property(mutatedBytes(fc.constantFrom(...sampleBodies).map((text) => Buffer.from(text))), (body) => {
        const parsed = parse(body);
        expectAccounted(parsed);
        const [only] = parsed.rejections;
        if (only?.reason === 'not-json')
          expect(only.raw).to.equal(
            body
              .toString('utf8')
              .replace(/^\u{FEFF}/u, '')
              .replaceAll('\0', '\u{FFFD}'),
          );
        else expect(() => JSON.parse(body.toString('utf8').replace(/^\u{FEFF}/u, '')) as unknown).to.not.throw();
      }),
      { numRuns: 2_000 },
    );
  });

  it('value by value and key by key: each element is taken or refused by itself, as it would be alone', () => {
    fc.assert(
      fc.property(fc.array(mutatedJson(sample), { minLength: 1, maxLength: 5 }), (elements) => {
        const parsed = parse(`[${elements.join(', ')}]`);
        expectAccounted(parsed);
        expect(parsed.total).to.equal(elements.length);
        for (const [position, element] of elements.entries()) {
          const alone = parse(`[${element}]`);
          const [activity, rejection] = [alone.activities[0], alone.rejections[0]];
          expect(parsed.activities.find((a) => a.position === position)).to.deep.equal(activity && { ...activity, position });
          expect(parsed.rejections.find((r) => r.position === position)).to.deep.equal(rejection && { ...rejection, position });
          if (rejection !== undefined) expect(rejection.raw).to.equal(element);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('never cost a sound element among them: it is the activity that it is alone', () => {
    const neighbours = fc.array(mutatedJson(sample), { maxLength: 4 });
    fc.assert(
      fc.property(neighbours, sample, neighbours, (before, sound, after) => {
        const { activities } = parse(`[${[...before, sound, ...after].join()}]`);
        expect(activities).to.deep.include({ ...parse(sound).activities[0], position: before.length });
      }),
      { numRuns: 500 },
    );
  });

  it('never write to what all objects share', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(mutatedJson(sample), (element) => {
        parse(element);
        expect(Object.getOwnPropertyNames(Object.prototype)).to.deep.equal(before);
        expect({}).to.not.have.any.keys('hardBounce', 'activityStatus');
      }),
      { numRuns: 300 },
    );
  });
});
