import { expect } from 'chai';
import { GoneError, PermanentError, RefusedTogether, UnavailableError } from '../../../packages/shared/src/index.js';
import { answeredCall, failedCall, handBack } from '../../../packages/worker/src/follow-up/call-result.js';

const retry = { attempts: 3, maxDelayMs: 60_000 };
const rowsOf = (...attempts: number[]) => attempts.map((made, index) => ({ id: `row-${index}`, jobId: 'job', attempts: made }));
const failures = (...given: [row: number, error: unknown][]) => new Map(given.map(([row, error]) => [`row-${row}`, error]));
const statesOf = ({ rows }: { rows: { state: string }[] }) => rows.map(({ state }) => state);

describe('A call', () => {
  it('that is handed back leaves its rows as they were, and says nothing of the endpoint', () => {
    const result = handBack(rowsOf(0, 2));
    expect(result).to.include({ endpoint: null, gone: null, failed: true });
    expect(result.rows.map(({ state, attempted, delayMs }) => [state, attempted, delayMs])).to.deep.equal([
      ['waiting', false, 0],
      ['waiting', false, 0],
    ]);
  });

  it('that failed goes out once more as it was, while all of its rows have attempts left', () => {
    const result = failedCall(rowsOf(0, 1), new Error('no'), retry);
    expect(statesOf(result)).to.deep.equal(['waiting', 'waiting']);
    expect(result.rows.map(({ leavesGroup }) => leavesGroup)).to.deep.equal([false, false]);
    expect(result).to.include({ endpoint: null, gone: null, failed: true });
  });

  it('of which a row has no attempt left never goes out under its key again: the others need another call', () => {
    const result = failedCall(rowsOf(0, 2), new Error('no'), retry);
    expect(statesOf(result)).to.deep.equal(['waiting', 'failed']);
    expect(result.rows.map(({ leavesGroup }) => leavesGroup)).to.deep.equal([true, true]);
  });

  it('that found the endpoint unavailable says for how long, at most the longest delay of the action', () => {
    const endpointOf = (askedMs: number) => failedCall(rowsOf(0), new UnavailableError('503', askedMs), retry).endpoint;
    expect(endpointOf(0)).to.deep.equal({ unavailableForMs: 0 });
    expect(endpointOf(20_000)).to.deep.equal({ unavailableForMs: 20_000 });
    expect(endpointOf(3_600_000)).to.deep.equal({ unavailableForMs: 60_000 });
  });

  it('whose endpoint is gone says why, whether it failed whole or for one activity', () => {
    expect(failedCall(rowsOf(0), new GoneError('410: no more'), retry).gone).to.equal('410: no more');
    const result = answeredCall(rowsOf(0, 0), failures([0, new Error('x')], [1, new GoneError('410: no more')]), retry);
    expect(result.gone).to.equal('410: no more');
  });

  it('that was answered has done its rows', () => {
    const result = answeredCall(rowsOf(0, 1), failures(), retry);
    expect(result).to.include({ endpoint: 'well', gone: null, failed: false });
    expect(statesOf(result)).to.deep.equal(['done', 'done']);
  });

  it('repeats or gives up those alone that its handler reported, each in another call', () => {
    const result = answeredCall(rowsOf(0, 0, 0), failures([0, new Error('again')], [2, new PermanentError('never')]), retry);
    expect(statesOf(result)).to.deep.equal(['waiting', 'done', 'failed']);
    expect(result.rows.map(({ leavesGroup }) => leavesGroup)).to.deep.equal([true, false, true]);
    expect(result.endpoint).to.equal('well');
  });

  it('finds the endpoint unavailable when most of its activities did, or when one was asked to wait', () => {
    const away = new UnavailableError('503');
    const endpointOf = (...given: [number, unknown][]) => answeredCall(rowsOf(0, 0, 0, 0), failures(...given), retry).endpoint;
    expect(endpointOf([0, away], [1, away])).to.equal('well');
    expect(endpointOf([0, away], [1, away], [2, away])).to.deep.equal({ unavailableForMs: 0 });
    expect(endpointOf([0, new UnavailableError('429', 9_000)])).to.deep.equal({ unavailableForMs: 9_000 });
    const long = new UnavailableError('429', 3_600_000);
    expect(endpointOf([0, new UnavailableError('429', 9_000)], [1, long])).to.deep.equal({ unavailableForMs: 60_000 });
    expect(endpointOf([0, new Error('x')], [1, new Error('y')], [2, new Error('z')])).to.equal('well');
  });

  it('that was refused for somebody in it goes on in halves, in the order of its activities, and costs nobody an attempt', () => {
    const refused = new RefusedTogether('refused together with others');
    const { rows } = answeredCall(
      rowsOf(...Array.from({ length: 5 }, () => 0)),
      failures(...[0, 1, 2, 3, 4].map((row): [number, unknown] => [row, refused])),
      retry,
    );
    const [first, second] = [rows[0]?.nextCallId, rows[4]?.nextCallId];
    expect(first).to.be.a('string').and.not.to.equal(second);
    expect(rows.map(({ nextCallId }) => nextCallId)).to.deep.equal([first, first, first, second, second]);
    expect(rows.every(({ state, attempted, leavesGroup }) => state === 'waiting' && !attempted && leavesGroup)).to.be.true;
  });

  it('that was refused for one alone counts as its attempt', () => {
    const { rows } = answeredCall(rowsOf(0, 0), failures([1, new RefusedTogether('refused')]), retry);
    expect([rows[1]?.attempted, rows[1]?.nextCallId]).to.deep.equal([true, undefined]);
  });
});
