import { expect } from 'chai';
import { formatDuration, reportTable } from '../../../packages/cli/src/output/simulation-report.js';
import { SendStatistics } from '../../../packages/simulator/src/statistics.js';

describe('the report', () => {
  it('says durations in the unit that suits them', () => {
    expect([3.21, 999, 1_500, 59_999, 60_000, 5_400_000].map(formatDuration)).to.deep.equal([
      '3.2 ms',
      '999.0 ms',
      '1.5 s',
      '60.0 s',
      '1.0 min',
      '1.5 h',
    ]);
  });

  it('aligns its lines, and tells how long the stall would have been for the vendor', () => {
    const statistics = new SendStatistics();
    const request = { kind: 'batch', batch: 0, activities: 1_500, durationMs: 10 } as const;
    statistics.add({ ...request, attempt: 1, startedAtMs: 0, answer: { status: 503 } });
    statistics.add({ ...request, attempt: 2, startedAtMs: 110, answer: { status: 200 } });
    const lines = reportTable(statistics.summary(), 1000).split('\n');
    expect(new Set(lines.map((line) => line.length)).size).to.equal(1);
    const table = lines.join('\n');
    expect(table).to.match(/sent +│ +1 │ +1,500 │/);
    expect(table).to.match(/acknowledged +│ +1 │ +1,500 │/);
    expect(table).to.match(/repeated +│ +1 │/);
    expect(table).to.match(/answered 503 +│ +1 │/);
    expect(table).to.match(/longest stall +│ vendor’s 2\.0 min │ +120\.0 ms │/);
  });
});
