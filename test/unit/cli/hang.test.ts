import { expect } from 'chai';
import { hang } from '../../../packages/cli/src/output/hang.js';

describe('prose beside a title', () => {
  it('goes on below itself, and keeps its own lines', () => {
    expect(hang('rule  ', 'may be written to while neither blacklisted\nnor more', 30)).to.equal(
      'rule  may be written to while\n      neither blacklisted\n      nor more',
    );
  });

  it('stays in one line where no terminal is, and on one that is too narrow', () => {
    const text = 'a sentence of some words that is long '.repeat(5).trim();
    for (const width of [Number.POSITIVE_INFINITY, 22]) expect(hang('rule  ', text, width)).to.equal(`rule  ${text}`);
  });

  it('does not cut a word', () => {
    expect(hang('a ', `${'x'.repeat(40)} y`, 30)).to.equal(`a ${'x'.repeat(40)}\n  y`);
  });
});
