import { expect } from 'chai';
import fc from 'fast-check';
import { elementTexts } from '../../../packages/worker/src/activity/element-texts.js';
import { spacedArray } from '../../support/arbitrary-activity.js';

/** JSON with brackets, quotes, commas and backslashes in its texts, and white space inside of it. */
const awkwardText = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', 'x', '\n'), maxLength: 8 }),
  fc.string(),
);
const element = fc
  .tuple(
    fc.jsonValue({ stringUnit: 'binary' }),
    fc.dictionary(awkwardText, awkwardText, { maxKeys: 3 }),
    fc.constantFrom(0, 1, '\t'),
  )
  .map(([value, texts, indent]) => JSON.stringify(fc.hash(JSON.stringify(value)) % 2 ? value : { value, texts }, null, indent));

describe('elementTexts', () => {
  it('gives the elements of any array exactly as they were written, whatever the white space between them', () => {
    const arrays = fc
      .array(element, { maxLength: 6 })
      .chain((elements) => fc.tuple(fc.constant(elements), spacedArray(elements)));
    fc.assert(
      fc.property(arrays, ([elements, json]) => {
        expect(elementTexts(json)).to.deep.equal(elements);
        expect(JSON.parse(`[${elementTexts(json).join(',')}]`)).to.deep.equal(JSON.parse(json));
      }),
    );
  });

  it('gives any other value whole', () => {
    for (const json of ['{"a":[1,2]}', ' 7 ', '"[1,2]"', 'null']) expect(elementTexts(json)).to.deep.equal([json.trim()]);
  });

  it('finds nothing in an empty array', () => {
    expect(elementTexts(' [ \n ] ')).to.deep.equal([]);
  });

  it('keeps what JSON.parse would lose', () => {
    const elements = ['9007199254740993', '{"a":1,"a":2}', '1.50e+2', String.raw`"A\ud800"`, '{"__proto__":1}'];
    expect(elementTexts(`[${elements.join()}]`)).to.deep.equal(elements);
  });

  it('does not stumble over nesting 100,000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(elementTexts(`[1,${deep},2]`)).to.deep.equal(['1', deep, '2']);
  });
});
