import { expect } from 'chai';
import fc from 'fast-check';
import { changeJson, prettyJson } from '../../../packages/worker/src/quarantine/exact-json.js';

const same = (value: unknown): unknown => value;

describe('JSON without loss', () => {
  it('keeps every number as it was written', () => {
    const text = '{"id":9007199254740993,"price":1.50,"tiny":-0.0e-7,"list":[1E5,12345678901234567890]}';
    expect(changeJson(text, same)).to.equal(text);
  });
  it('is what JSON.parse and JSON.stringify make of anything else', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(JSON.parse(changeJson(text, same))).to.deep.equal(JSON.parse(text));
        expect(prettyJson(text)).to.equal(JSON.stringify(JSON.parse(text), null, 2));
      }),
    );
  });
  it('leaves digits inside of texts and names alone', () => {
    const text = String.raw`{"a 1":"12 \"34\" \\","5":"6"}`;
    expect(JSON.parse(changeJson(text, same))).to.deep.equal(JSON.parse(text));
  });
  it('refuses what is not JSON, numbers for names and leading zeros too', () => {
    for (const text of ['', '{5:1}', '[01]', '[1.]', '{"a":1']) {
      expect(() => changeJson(text, same), text).to.throw(SyntaxError);
      expect(prettyJson(text)).to.equal(text);
    }
  });
  it('lays out long texts, and not what is nested by the thousands', () => {
    const long = JSON.stringify({ text: 'x"'.repeat(2_000_000) });
    expect(prettyJson(long)).to.have.lengthOf(long.length + 5);
    for (const depth of [4_000, 100_000]) {
      const deep = '['.repeat(depth) + ']'.repeat(depth);
      expect(prettyJson(deep)).to.equal(deep);
    }
  });
});
