import { expect } from 'chai';
import fc from 'fast-check';
import { BROKEN_KINDS } from '../../../packages/simulator/src/broken.js';
import { generateBatches, type GeneratedElement, type GenerateOptions } from '../../../packages/simulator/src/generate.js';

const elementsOf = (options: GenerateOptions): GeneratedElement[] =>
  [...generateBatches(options)].flatMap(({ elements }) => elements);
const soundOf = (options: GenerateOptions): Record<string, unknown>[] =>
  elementsOf(options)
    .filter(({ broken }) => broken === null)
    .map(({ text }) => JSON.parse(text) as Record<string, unknown>);

describe('generateBatches', () => {
  it('gives the same bytes for the same options', () => {
    const options = { seed: 7, activities: 5_000, broken: 0.05 };
    expect([...generateBatches(options)]).to.deep.equal([...generateBatches(options)]);
  });

  it('gives another world for another seed: no contact and no iid in common', () => {
    const names = (seed: number) =>
      new Set(
        soundOf({ seed, activities: 3_000 }).flatMap(({ contactId, iid }) => [contactId, iid].filter((id) => id !== undefined)),
      );
    const first = names(1);
    expect([...names(2)].filter((name) => first.has(name))).to.deep.equal([]);
  });

  it('cuts the same elements for every batch size', () => {
    const options = { seed: 3, activities: 2_000, broken: 0.02 };
    expect(elementsOf({ ...options, batchSize: 7 })).to.deep.equal(elementsOf({ ...options, batchSize: 900 }));
  });

  it('gives exactly as many elements as asked for, in batches no larger than allowed', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          activities: fc.nat(400),
          batchSize: fc.integer({ min: 1, max: 50 }),
          contacts: fc.integer({ min: 1, max: 50 }),
          broken: fc.double({ min: 0, max: 1, noNaN: true }),
          days: fc.double({ min: 0.001, max: 400, noNaN: true }),
        }),
        (options) => {
          const batches = [...generateBatches(options)];
          expect(batches.reduce((sum, { elements }) => sum + elements.length, 0)).to.equal(options.activities);
          expect(batches.every(({ elements }) => elements.length >= 1 && elements.length <= options.batchSize)).to.be.true;
        },
      ),
      { numRuns: 50 },
    );
  });

  it('writes bodies that hold exactly the texts of their elements', () => {
    for (const { body, elements } of generateBatches({ seed: 5, activities: 2_000, batchSize: 3, broken: 0.1 })) {
      const texts = elements.map(({ text }) => text);
      if (elements[0]?.broken === 'body-not-json') {
        expect(texts).to.deep.equal([body]);
        expect(() => JSON.parse(body) as unknown).to.throw(SyntaxError);
      } else {
        const parsed: unknown = JSON.parse(body);
        expect(Array.isArray(parsed) ? parsed : [parsed]).to.deep.equal(texts.map((text): unknown => JSON.parse(text)));
        for (const text of texts) expect(body).to.include(text);
      }
    }
  });

  it('breaks the share of elements it was told to, in every way there is', () => {
    const elements = elementsOf({ seed: 11, activities: 20_000, broken: 0.1 });
    const kinds = elements.flatMap(({ broken }) => broken ?? []);
    expect(kinds.length / elements.length).to.be.closeTo(0.1, 0.01);
    expect(new Set(kinds)).to.deep.equal(new Set(BROKEN_KINDS));
    expect(elementsOf({ seed: 11, activities: 500, broken: 1 }).every(({ broken }) => broken !== null)).to.be.true;
    expect(elementsOf({ seed: 11, activities: 500 }).every(({ broken }) => broken === null)).to.be.true;
  });

  it('starts at once and keeps nothing, however many activities are asked for', () => {
    const batches = generateBatches({ seed: 1, contacts: 4_000_000_000, activities: 1e12, batchSize: 100 });
    expect(batches.next().value?.elements).to.have.lengthOf(100);
  });

  it('says which option makes no sense', () => {
    expect(() => generateBatches({ seed: 0.5, activities: 1 })).to.throw(RangeError, /seed must be a whole number/);
    expect(() => generateBatches({ seed: 1, activities: -1 })).to.throw(RangeError, /activities/);
    expect(() => generateBatches({ seed: 1, activities: 1, broken: 1.5 })).to.throw(RangeError, /share from 0 to 1/);
    expect(() => generateBatches({ seed: 1, activities: 1, batchSize: 0 })).to.throw(RangeError, /batchSize/);
    expect(() => generateBatches({ seed: 1, activities: 1, days: 0 })).to.throw(RangeError, /days/);
    expect(() => generateBatches({ seed: 1, activities: 1, from: new Date('no') })).to.throw(RangeError, /from/);
  });
});
