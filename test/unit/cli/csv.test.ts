import { expect } from 'chai';
import { formatCsv } from '../../../packages/cli/src/output/csv.js';

describe('CSV', () => {
  it('puts quotes around what would break a row, and nothing where there is nothing', () => {
    expect(
      formatCsv(
        ['a', 'b'],
        [
          ['x,y', null],
          ['say "no"', 'two\nlines'],
          [0, 1.5],
        ],
      ),
    ).to.equal('a,b\n"x,y",\n"say ""no""","two\nlines"\n0,1.5');
  });

  it('runs no formula that somebody else has sent, and leaves phone numbers alone', () => {
    const cells = ['=1+1', '@sum(a1)', '+cmd|x', '-2+3+cmd|x', '+38 (095) 649-09-55', '-5', 'a=b', '\t=1'];
    expect(
      formatCsv(
        ['cell'],
        cells.map((cell) => [cell]),
      )
        .split('\n')
        .slice(1),
    ).to.deep.equal(["'=1+1", "'@sum(a1)", "'+cmd|x", "'-2+3+cmd|x", '+38 (095) 649-09-55', '-5', 'a=b', "'\t=1"]);
  });
});
