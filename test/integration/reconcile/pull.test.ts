import { expect } from 'chai';
import { PermanentError } from '../../../packages/shared/src/index.js';
import { startActivityApi, type ActivityApi, type Traps } from '../../support/platform/activity-api.js';
import { isTold, makeTruth, type TrueActivity } from '../../support/platform/truth.js';
import { until } from '../../support/poll.js';
import { found, openBench, quickPace, wholePeriod, type Bench } from '../../support/reconcile-bench.js';

/** A broadcast: more in a minute, and in a second, than a page takes. */
function broadcast(perSecond: number, seconds: number): TrueActivity[] {
  const start = Date.UTC(2026, 2, 5, 10);
  return Array.from({ length: perSecond * seconds }, (_, nth) => ({
    activityDateTime: new Date(start + Math.floor(nth / perSecond) * 1_000).toISOString().slice(0, 19),
    activityStatus: 'DELIVERED',
    mediaType: 'email',
    iid: `broadcast-${nth}`,
    contactId: nth + 1,
    email: `c${nth}@example.com`,
    messageId: 1,
  }));
}

describe('Pulling', function () {
  this.timeout(120_000);
  let bench: Bench;
  let sources = 0;
  const apis: ActivityApi[] = [];
  const truth = makeTruth({ seed: 3, activities: 600, days: 1 });
  const told = truth.filter(isTold);
  before(async () => {
    bench = await openBench();
  });
  afterEach(async () => {
    for (const api of apis.splice(0)) await api.close();
  });
  after(() => bench.close());

  const start = async (activities: readonly TrueActivity[], traps: Partial<Traps> = {}) => {
    const api = await startActivityApi(activities, traps);
    apis.push(api);
    return api;
  };
  const source = () => `pulled-${++sources}`;
  const day = { from: new Date('2026-03-05T08:00:00Z'), to: new Date('2026-03-05T12:00:00Z') };

  it('halves a slice until its pages are not full', async () => {
    const api = await start(truth);
    const result = await bench.run(source(), bench.pull(api, { maxRows: 20 }));
    expect(result.run.state).to.equal('complete');
    expect(found(result)).to.include({ added: told.length, missing: 0 });
  });

  it('pages through a minute that fills a page', async () => {
    const api = await start(broadcast(3, 50));
    const result = await bench.run(source(), bench.pull(api, { maxRows: 20 }), { period: day });
    expect(result.run.state).to.equal('complete');
    expect(found(result).added).to.equal(150);
    expect(api.requests.some(({ query }) => query.has('offset'))).to.equal(true);
  });

  for (const offset of ['ignored', 'shuffled'] as const)
    it(`halves on to single seconds where "offset" is ${offset}`, async () => {
      const api = await start(broadcast(6, 20), { offset });
      const result = await bench.run(source(), bench.pull(api, { maxRows: 20 }), { period: day });
      expect(result.run.state).to.equal('complete');
      expect(found(result).added).to.equal(120);
    });

  it('says of a second that holds more than it was told that nothing is known of it', async () => {
    const api = await start(broadcast(30, 2), { offset: 'ignored' });
    const name = source();
    const result = await bench.run(name, bench.pull(api, { maxRows: 20 }), { period: day });
    expect(result.run.state).to.equal('incomplete');
    expect(result.run.unread.map(({ from }) => from)).to.include.members(['2026-03-05T10:00:00', '2026-03-05T10:00:01']);
    expect(found(result).only_ours).to.equal(0);
  });

  it('asks for the rest, and tells which time it could not read, when no answer comes for one', async () => {
    const api = await start(truth);
    api.silence('2026-03-01T06:00:00', '2026-03-01T08:00:00');
    const name = source();
    await bench.push(name, truth);
    const result = await bench.run(name, bench.pull(api, { pace: { attempts: 2, timeoutMs: 100 } }), {
      period: { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z') },
    });
    expect(result.run.state).to.equal('incomplete');
    expect(result.run.unread.length).to.be.greaterThan(0);
    for (const { from, to, reason } of result.run.unread) {
      expect([from >= '2026-03-01T04:00:00', to <= '2026-03-01T10:00:00']).to.deep.equal([true, true]);
      expect(reason).to.include('no full answer in time');
    }
    expect(found(result)).to.include({ added: 0, missing: 0, only_ours: 0 });
    expect(found(result).theirs).to.be.greaterThan(told.length / 2);
  });

  it('gives up on a platform that does not answer at all, instead of waiting for each slice', async () => {
    const api = await start(truth, { hangs: 1 });
    const result = await bench.run(source(), bench.pull(api, { pace: { attempts: 2, timeoutMs: 50 } }));
    expect(result.run.state).to.equal('incomplete');
    expect(api.requests).to.have.length(6);
    const [first] = result.run.unread;
    expect(first?.from).to.equal('2026-02-28T00:00:00');
    expect(result.run.unread.at(-1)?.to).to.equal('2026-03-20T00:00:00');
  });

  it('ends when its time for failures is used up', async () => {
    const api = await start(truth, { away: 1 });
    const pace = { attempts: 1_000, budgetMs: 300, firstPauseMs: 20, longestPauseMs: 20 };
    const began = performance.now();
    const result = await bench.run(source(), bench.pull(api, { pace }));
    expect(result.run.state).to.equal('incomplete');
    expect(performance.now() - began).to.be.lessThan(10_000);
  });

  it('brings in the end what showed while it read', async () => {
    const api = await start(truth, { late: 0.5 });
    const name = source();
    const road = () => bench.pull(api, { maxRows: 50 });
    const first = await bench.run(name, road());
    const second = await bench.run(name, road());
    expect(found(first).added).to.be.lessThan(told.length);
    expect(found(first).added + found(second).added).to.equal(told.length);
  });

  it('leaves out nothing at the seams of its slices, and counts nothing there twice', async () => {
    const seams = ['09:59:59', '10:00:00', '10:00:01', '11:59:59', '12:00:00', '12:00:01'].map((time, nth) => ({
      ...broadcast(1, 1)[0],
      iid: `seam-${nth}`,
      activityDateTime: `2026-03-05T${time}`,
    })) as TrueActivity[];
    const api = await start([...seams, ...(seams.map((seam) => ({ ...seam, iid: undefined })) as unknown as TrueActivity[])]);
    const period = { from: new Date('2026-03-05T08:00:00Z'), to: new Date('2026-03-05T14:00:00Z') };
    const result = await bench.run(source(), bench.pull(api), { period });
    expect(found(result)).to.include({ theirs: 12, added: 12 });
  });

  it('asks by the clock of the source, through the hour that comes twice', async () => {
    const night = ['2026-10-25T01:30:00', '2026-10-25T03:10:00', '2026-10-25T03:50:00', '2026-10-25T04:10:00'];
    const inKyiv = night.map((activityDateTime, nth) => ({ ...broadcast(1, 1)[0], iid: `night-${nth}`, activityDateTime }));
    const api = await start(inKyiv as TrueActivity[]);
    const period = { from: new Date('2026-10-24T20:00:00Z'), to: new Date('2026-10-25T06:00:00Z') };
    const name = source();
    const given = { period, timeZone: 'Europe/Kyiv' };
    expect(found(await bench.run(name, bench.pull(api), given))).to.include({ theirs: 4, added: 4 });
    expect(found(await bench.run(name, bench.pull(api), given))).to.include({ theirs: 4, ours: 4, added: 0, only_ours: 0 });
  });

  it('keeps below the rate of the platform', async () => {
    const api = await start([]);
    await bench.run(source(), bench.pull(api, { pace: { gapMs: 20 } }), { period: day });
    const { requests } = api;
    const spanMs = (requests.at(-1)?.at ?? 0) - (requests[0]?.at ?? 0);
    expect(spanMs).to.be.at.least(20 * (requests.length - 1) - 5);
  });

  const refusals = [
    { status: 400, body: 'Contact support to enable ContactActivity.', says: 'have its support enable ContactActivity' },
    { status: 401, body: '{}', says: 'switched off because nothing used it for 90 days' },
    { status: 403, body: '{}', says: 'may not read this' },
    { status: 400, body: 'dateFrom is wrong', says: 'dateFrom is wrong' },
  ];
  for (const { status, body, says } of refusals)
    it(`says what to do about ${status} "${body}", at once`, async () => {
      const api = await start(truth);
      api.answer({ status, body });
      const { run } = await bench.run(source(), bench.pull(api));
      expect(run.state).to.equal('failed');
      expect(run.problem).to.include(says);
      expect(api.requests).to.have.length(1);
    });

  it('waits as long as Retry-After asks', async () => {
    const api = await start(truth);
    api.answer({ status: 429, body: 'too many', headers: { 'retry-after': '1' } });
    const pace = { attempts: 2 };
    await bench.run(source(), bench.pull(api, { pace }), { period: day });
    const [first, second] = api.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).to.be.at.least(990);
  });

  it('tells the key to no log and no message', async () => {
    const api = await start(truth);
    const settings = { baseUrl: api.baseUrl, apiKey: 'a-key-that-nobody-may-see' };
    const basic = Buffer.from(`vidhuk:${settings.apiKey}`).toString('base64');
    api.answer({ status: 503, body: `what about ${settings.apiKey} and ${basic}?` });
    const { run } = await bench.run(source(), bench.pull(settings, { pace: { attempts: 2 } }), { period: day });
    const seen = bench.captured.text() + JSON.stringify(run);
    expect(seen).to.include('what about ***');
    expect([seen.includes(settings.apiKey), seen.includes(basic)]).to.deep.equal([false, false]);
  });

  it('is done once per source at a time: who comes second is told so', async () => {
    const api = await start(truth);
    api.silence('2026-03-01T00:00:00', '2026-03-01T02:00:00');
    const name = source();
    const stopping = new AbortController();
    const pace = { attempts: 1_000, timeoutMs: 1_000 };
    const first = bench.run(name, bench.pull(api, { pace }), { signal: stopping.signal }).catch((error: unknown) => error);
    await until('the first run asks', () => api.requests.length > 0);
    const second = await bench.run(name, bench.pull(api)).catch((error: unknown) => String(error));
    expect(second).to.equal('Error: another run is at work');
    stopping.abort(new Error('enough'));
    expect(await first).to.have.property('message', 'enough');
  });

  it('goes on where a run was cut off, and counts each row once', async () => {
    const api = await start(truth);
    const name = source();
    const stopping = new AbortController();
    let submitted = 0;
    const beforeSubmit = () => {
      if (++submitted === 5) stopping.abort(new Error('killed'));
    };
    const period = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-03T00:00:00Z') };
    const cut = await bench
      .run(name, bench.pull(api), { period, signal: stopping.signal, beforeSubmit })
      .catch((error: unknown) => error);
    expect(cut).to.be.instanceOf(Error).with.property('message', 'killed');
    const asked = api.requests.length;
    const result = await bench.run(name, bench.pull(api), { period });
    expect(result.run.state).to.equal('complete');
    expect(found(result).theirs).to.equal(told.filter(({ activityDateTime }) => activityDateTime < '2026-03-03').length);
    expect(api.requests.length - asked).to.be.lessThan(24);
    const rows: unknown[] = await bench.test.database.query(`select 1 from vidhuk.reconcile_run where source = $1`, [name]);
    expect(rows).to.have.length(1);
  });

  it('only tells what is missing in a dry run', async () => {
    const api = await start(truth);
    const name = source();
    const result = await bench.run(name, bench.pull(api), { dryRun: true });
    expect(found(result)).to.include({ added: 0, missing: told.length });
    expect(await bench.log(name)).to.deep.equal([]);
  });

  it('counts what only we have, but not what the API never tells of', async () => {
    const api = await start([]);
    const name = source();
    await bench.push(name, truth);
    const result = await bench.run(name, bench.pull(api), { period: wholePeriod });
    expect(found(result)).to.include({ theirs: 0, ours: truth.length, only_ours: told.length });
  });

  it('does not take an address inside of the network unless that is allowed', async () => {
    const { PlatformApi } = await import('../../../packages/worker/src/reconcile/pull/platform-api.js');
    const { createGuardedHttp } = await import('../../../packages/worker/src/handlers/guarded-http.js');
    const http = createGuardedHttp();
    const settings = { baseUrl: 'http://127.0.0.1:1/api', apiKey: 'key', allowPrivateNetwork: false };
    const signal = new AbortController().signal;
    const api = new PlatformApi({ http, settings, log: bench.captured.log, signal, pace: quickPace });
    const error = await api.get('v2/contacts/activity', {}).catch((refused: unknown) => refused);
    expect(error).to.be.instanceOf(PermanentError);
    await http.close();
  });
});
