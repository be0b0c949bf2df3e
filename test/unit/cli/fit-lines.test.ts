import { expect } from 'chai';
import { fitLines } from '../../../packages/cli/src/output/fit-lines.js';

const help = `Usage: vidhuk replay [options]

Options:
  --since <time>  what was received from then on

Examples:
  vidhuk replay --since 2h                 after a failover
  vidhuk replay --since 2h --source main   what one source sent

What the log has is a duplicate and changes nothing, and what it
lost comes back. A worker must run.`;

describe('help on a narrow terminal', () => {
  it('stays as it is where it has room', () => {
    expect(fitLines(help, 80)).to.equal(help);
    expect(fitLines(help, Number.POSITIVE_INFINITY)).to.equal(help);
  });
  it('wraps prose between words, over the ends of its lines', () => {
    expect(fitLines(help, 50)).to.match(
      /\n\nWhat the log has is a duplicate and changes\nnothing, and what it lost comes back. A worker\nmust run\.$/,
    );
  });
  it('puts what explains an example below it', () => {
    expect(fitLines(help, 55)).to.contain(
      'Examples:\n  vidhuk replay --since 2h\n      after a failover\n  vidhuk replay --since 2h --source main\n      what one source sent\n',
    );
  });
  it('loses no word, whatever the width', () => {
    const words = (text: string) => text.split(/\s+/);
    for (let width = 1; width < 70; width++) expect(words(fitLines(help, width))).to.deep.equal(words(help));
  });
});
