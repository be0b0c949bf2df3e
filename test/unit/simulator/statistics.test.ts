import { expect } from 'chai';
import fc from 'fast-check';
import { Histogram } from '../../../packages/simulator/src/histogram.js';
import type { RequestRecord } from '../../../packages/simulator/src/sender.js';
import { SendStatistics } from '../../../packages/simulator/src/statistics.js';

const record = (changes: Partial<RequestRecord>): RequestRecord => ({
  kind: 'batch',
  batch: 0,
  attempt: 1,
  activities: 100,
  startedAtMs: 0,
  durationMs: 10,
  answer: { status: 200 },
  ...changes,
});

describe('SendStatistics', () => {
  it('counts each batch once, however often it was sent and acknowledged', () => {
    const statistics = new SendStatistics();
    statistics.add(record({ kind: 'check', batch: -1, activities: 0, startedAtMs: 1_000 }));
    statistics.add(record({ startedAtMs: 1_010, durationMs: 5, answer: { status: 503 } }));
    statistics.add(record({ startedAtMs: 1_075, durationMs: 20, attempt: 2 }));
    statistics.add(record({ startedAtMs: 1_155, durationMs: 30, attempt: 3 }));
    statistics.add(record({ batch: 1, startedAtMs: 1_990, durationMs: 10, answer: { error: 'timeout' } }));
    const { answerMs, ...summary } = statistics.summary();
    expect(summary).to.deep.equal({
      batches: { sent: 2, acknowledged: 1, repeated: 2 },
      activities: { sent: 200, acknowledged: 100 },
      answers: { '200': 3, '503': 1, timeout: 1 },
      longestStallMs: 175,
      seconds: 1,
      activitiesPerSecond: 100,
    });
    expect(answerMs.max).to.equal(30);
    expect(answerMs.p50).to.be.closeTo(20, 0.2);
  });

  it('says zero when nothing was sent', () => {
    expect(new SendStatistics().summary()).to.deep.equal({
      batches: { sent: 0, acknowledged: 0, repeated: 0 },
      activities: { sent: 0, acknowledged: 0 },
      answers: {},
      longestStallMs: 0,
      answerMs: { p50: 0, p99: 0, max: 0 },
      seconds: 0,
      activitiesPerSecond: 0,
    });
  });
});

describe('Histogram', () => {
  it('gives every quantile within one per cent', () => {
    const durations = fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const histogram = new Histogram();
        for (const value of values) histogram.add(value);
        const exact = [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)]!;
        expect(histogram.quantile(share)).to.be.closeTo(exact, exact * 0.01);
        expect(histogram.max).to.equal(Math.max(...values));
      }),
    );
  });
});
