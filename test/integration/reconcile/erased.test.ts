import { expect } from 'chai';
import { describePerson, erasePeople } from '../../../packages/worker/src/contact/erase/index.js';
import { startActivityApi } from '../../support/platform/activity-api.js';
import type { TrueActivity } from '../../support/platform/truth.js';
import { found, openBench, type Bench } from '../../support/reconcile-bench.js';

const key = 'a-key-of-tests-that-has-more-than-32-characters';
const second = (nth: number) => `2026-03-01T10:00:${String(nth).padStart(2, '0')}`;
const of = (contactId: number, nth: number, more: object = {}): TrueActivity => ({
  ...{ activityDateTime: second(nth), activityStatus: 'READ', mediaType: 'email', iid: `${contactId}-${nth}`, contactId },
  ...{ email: `${contactId}@example.com` },
  ...more,
});
/** Of Ann: one that the webhook brought, one that it lost, one without contact, two without iid; of Bob one each. */
const [ann, bob] = [4_815, 7_777];
const pushed = [of(ann, 1), of(ann, 2, { iid: undefined }), of(bob, 1)].map(
  (each) => JSON.parse(JSON.stringify(each)) as TrueActivity,
);
const lost = [of(ann, 3), of(ann, 4, { contactId: undefined }), of(ann, 5, { iid: undefined }), of(bob, 3)].map(
  (each) => JSON.parse(JSON.stringify(each)) as TrueActivity,
);
const broken = of(ann, 6, { activityDateTime: 'yesterday' });

describe('What a road tells of erased people', () => {
  let bench: Bench;
  let api: Awaited<ReturnType<typeof startActivityApi>>;
  before(async () => {
    bench = await openBench(key);
    await bench.push('main', pushed);
    const queue = { getRanges: () => Promise.resolve([]), getJob: () => Promise.resolve(undefined) };
    const sources = {};
    const person = await describePerson(bench.test.database, 'main', [ann]);
    const parts = { dataSource: bench.test.database, sources, queue };
    await erasePeople(parts, [person], { key, who: 'test' });
    api = await startActivityApi([...pushed, ...lost, broken]);
  });
  after(async () => {
    await api.close();
    await bench.close();
  });

  const rows = async () => (await bench.log('main')).length;

  it('is counted as erased, and never as missing, in a dry run too', async () => {
    const dry = await bench.run('main', bench.pull(api), { dryRun: true });
    expect(found(dry)).to.include({ theirs: 7, erased: 5, missing: 1, added: 0, enriched: 0, ours: 3, only_ours: 0 });
    expect(dry.run).to.include({ rejected: 0 });
  });

  it('is stored once without what was theirs, and nobody comes back', async () => {
    const first = await bench.run('main', bench.pull(api));
    expect(found(first)).to.include({ theirs: 7, erased: 5, missing: 0, added: 1, enriched: 0 });
    const before = await rows();
    expect(before).to.equal(7);
    const again = await bench.run('main', bench.pull(api));
    expect(found(again)).to.include({ theirs: 7, erased: 5, missing: 0, added: 0, enriched: 0, only_ours: 0 });
    expect(await rows()).to.equal(before);
    const people = (await bench.log('main')).map(({ contact_id }) => contact_id).filter((id) => id !== null);
    expect(people).to.deep.equal([String(bob), String(bob)]);
    expect(await bench.test.database.query('select 1 from vidhuk.rejected_activity')).to.deep.equal([]);
  });
});
