/** What the comparison of a ledger with the database is worth: each kind of difference is found where it was planted. */
import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Clock } from '../../packages/simulator/src/clock.js';
import { type LedgerEntry, LedgerError } from '../../packages/simulator/src/ledger.js';
import { describeDifference } from '../../packages/simulator/src/verify/difference.js';
import { type Verification, verifyLedger, type VerifyOptions } from '../../packages/simulator/src/verify/verify.js';
import { rejection } from '../support/poll.js';
import { batchOf, createProjector, openDatabase, type TestDatabase } from '../support/projection.js';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';

const opened = (contactId: number) => ({
  activityDateTime: '2024-03-01T08:00:00',
  activityStatus: 'READ',
  mediaType: 'email',
  contactId,
  iid: `i${contactId}`,
});
const people = [opened(1), opened(2), opened(3)];

describe('the comparison of a ledger with the database', () => {
  let path: string;
  let test: TestDatabase;
  before(async () => {
    path = join(await makeTemporaryDirectory(), 'ledger');
    test = await openDatabase();
  });
  afterEach(async () => {
    for (const table of ['activity', 'contact_status', 'contact_channel_status', 'rejected_activity', 'workflow_request'])
      await test.database.query(`delete from vidhuk.${table}`);
  });
  after(() => test.drop());

  const write = (given: Pick<LedgerEntry, 'elements'> & Partial<LedgerEntry>) =>
    writeFile(path, `${JSON.stringify({ at: '', source: 'main', acknowledged: true, broken: {}, ...given })}\n`);
  const acknowledge = (elements: readonly object[]) => write({ elements: elements.map((element) => JSON.stringify(element)) });
  const store = (elements: readonly object[]) => createProjector(test.database).projector.project([batchOf(elements)]);
  const change = (sql: string) => test.database.query(sql);
  const storeRequest = (run: string, body: string) =>
    change(`insert into vidhuk.workflow_request (id, source, hook, received_at, method, query, body, workflow_instance_id)
      values (gen_random_uuid(), 'main', 'order-paid', now(), 'POST', '{}', '${body}', '${run}')`);
  const verify = async (options: Partial<VerifyOptions> = {}): Promise<Verification> => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    try {
      return await verifyLedger({ path, client, timeoutMs: 0, ...options });
    } finally {
      await client.end();
    }
  };
  const said = ({ differences }: Verification) => differences.map(describeDifference).join('\n');

  it('finds nothing where nothing is', async () => {
    await acknowledge(people);
    await store(people);
    const { equal, totals, differences } = await verify();
    expect({ equal, totals, differences }).to.deep.equal({ equal: true, totals: {}, differences: [] });
  });

  it('finds an activity that is in the log twice', async () => {
    await acknowledge(people);
    await store(people);
    await change(`drop table if exists again; create temporary table again as select * from vidhuk.activity where contact_id = 2;
      update again set occurred_at = occurred_at + interval '1 second';
      insert into vidhuk.activity select * from again`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'repeated-activity': 1, 'unexpected-activity': 1 }]);
    expect(said(found)).to.include('2 times in the log');
  });

  it('finds an activity of which any value is another one', async () => {
    await acknowledge(people);
    await store(people);
    await change(`update vidhuk.activity set status = 'SENT', media_type = 'sms', hard_bounce = true where contact_id = 2;
      update vidhuk.activity set contact_id = 9, source = 'other' where contact_id = 3`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'altered-activity': 5 }]);
    for (const column of ['status is SENT', 'media_type is sms', 'hard_bounce is true', 'contact_id is 9', 'source is other'])
      expect(said(found)).to.include(`${column}, should be `);
  });

  it('finds an activity of which a value is gone, and one that has a value nobody sent', async () => {
    const everywhere = { ...opened(4), mediaType: undefined };
    await acknowledge([...people, everywhere]);
    await store([...people, everywhere]);
    expect(await verify()).to.include({ equal: true });
    await change(`update vidhuk.activity set contact_id = null, media_type = null where contact_id = 1;
      update vidhuk.activity set media_type = 'sms' where contact_id = 4`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'altered-activity': 3 }]);
    expect(
      said(found)
        .split('\n')
        .map((line) => line.replace(/^.*: /, '')),
    ).to.have.members([
      ...['contact_id is empty, should be 1', 'media_type is empty, should be email', 'media_type is sms, should be empty'],
    ]);
  });

  it('finds an activity that nobody sent', async () => {
    await acknowledge(people);
    await store(people);
    await change(`drop table if exists other; create temporary table other as select * from vidhuk.activity where contact_id = 2;
      update other set activity_key = gen_random_uuid();
      insert into vidhuk.activity select * from other`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'unexpected-activity': 1 }]);
    expect(said(found)).to.include('in the log').and.to.include('but not in the ledger');
  });

  it('finds a missing row of a contact, and one of a channel', async () => {
    await acknowledge(people);
    await store(people);
    await change(`delete from vidhuk.contact_status where contact_id = 1;
      delete from vidhuk.contact_channel_status where contact_id = 2`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'missing-status': 2 }]);
    expect(said(found).split('\n')).to.have.members([
      'contact_status main 1: no row',
      'contact_channel_status main 2 email: no row',
    ]);
  });

  it('finds a sound element that is in quarantine instead of the log, and says why it is there', async () => {
    await acknowledge(people);
    await store(people);
    await change(`insert into vidhuk.rejected_activity (source, batch_id, position, reason, detail, moves_flag, raw, raw_bytes)
        select 'main', batch_id, 1, 'invalid-field', 'refused by mistake', false, '${JSON.stringify(people[1])}', 1 from vidhuk.activity where contact_id = 2;
      delete from vidhuk.activity where contact_id = 2`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'missing-activity': 1 }]);
    expect(said(found))
      .to.include('ledger line 1, element 1: ')
      .and.to.include('in quarantine (invalid-field: refused by mistake)');
  });

  it('finds an element that was meant to be sound and that nobody can take', async () => {
    await acknowledge([...people, { ...opened(4), activityDateTime: 'yesterday' }]);
    await store(people);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'refused-element': 1 }]);
    expect(said(found)).to.include('ledger line 1, element 3: meant to be sound, but refused: ');
  });

  it('finds a row of a channel that nothing in the ledger made', async () => {
    await acknowledge(people);
    await store(people);
    await change(`insert into vidhuk.contact_channel_status (source, contact_id, media_type, first_activity_at, last_activity_at)
      values ('main', 2, 'pigeon', now(), now())`);
    const found = await verify();
    expect([found.equal, found.totals]).to.deep.equal([false, { 'unexpected-status': 1 }]);
    expect(said(found)).to.equal('contact_channel_status main 2 pigeon: a row that should not be there');
  });

  it('finds a broken element that is not in quarantine', async () => {
    await write({ elements: ['7'], broken: { 0: 'not-an-object' } });
    expect((await verify()).totals).to.deep.equal({ 'missing-rejection': 1 });
    await store([7 as unknown as object]);
    expect((await verify()).equal).to.be.true;
  });

  it('lets a batch that was never acknowledged be there or not, and its statuses with it', async () => {
    await write({ elements: people.map((one) => JSON.stringify(one)), acknowledged: false });
    expect(await verify()).to.include({ equal: true });
    await store(people.slice(0, 2));
    expect(await verify()).to.include({ equal: true });
    await change(`delete from vidhuk.contact_status where contact_id = 1`);
    expect((await verify()).totals).to.deep.equal({ 'missing-status': 1 });
  });

  it('finds a request of a run that is missing, that is there twice, and one with another body', async () => {
    const runs = ['a', 'b', 'c'].map((workflowInstanceId) => ({
      hook: 'order-paid',
      workflowInstanceId,
      body: workflowInstanceId,
    }));
    await write({ elements: [], requests: runs });
    for (const run of ['a', 'b', 'c']) await storeRequest(run, run);
    expect(await verify()).to.include({ equal: true });
    await storeRequest('b', 'b');
    await change(`delete from vidhuk.workflow_request where workflow_instance_id = 'a'`);
    await change(`update vidhuk.workflow_request set body = 'x' where workflow_instance_id = 'c'`);
    const found = await verify();
    expect(found.totals).to.deep.equal({ 'missing-request': 1, 'repeated-request': 1, 'altered-request': 1 });
    expect(said(found).split('\n')).to.deep.equal([
      'ledger line 1, request order-paid of the run a: not in workflow_request',
      'ledger line 1, request order-paid of the run b: 2 times in workflow_request',
      'ledger line 1, request order-paid of the run c: its body is another one in workflow_request',
    ]);
  });

  it('counts all differences, of which it shows no more than it is asked for', async () => {
    await acknowledge(people);
    await store(people);
    await change('delete from vidhuk.activity; update vidhuk.contact_status set unsubscribed = true');
    for (const limit of [0, 1, 4]) {
      const { equal, totals, differences } = await verify({ limit });
      expect([equal, totals]).to.deep.equal([false, { 'missing-activity': 3, 'altered-status': 3 }]);
      expect(differences).to.have.length(limit);
    }
  });

  it('does not take an empty ledger for an equal one', async () => {
    await writeFile(path, '');
    expect(await rejection(verify()))
      .to.be.instanceOf(LedgerError)
      .with.property('message')
      .that.includes('is empty');
  });

  describe('of which a part is still in the queue', () => {
    let now: number;
    let waits: (() => Promise<unknown>)[];
    /** Of each wait: what happens meanwhile. */
    const clock: Clock = {
      now: () => now,
      async sleep(ms) {
        now += ms;
        await waits.shift()?.();
      },
    };
    beforeEach(async () => {
      now = 0;
      waits = [];
      await acknowledge(people);
    });

    it('waits until all of it is there', async () => {
      waits = people.map((one) => () => store([one]));
      const { equal, waitedMs } = await verify({ clock, timeoutMs: 60_000 });
      expect([equal, waits]).to.deep.equal([true, []]);
      expect(waitedMs).to.equal(now);
    });

    it('waits for broken elements and for requests of runs, too', async () => {
      const requests = [{ hook: 'order-paid', workflowInstanceId: 'a', body: 'a' }];
      await write({ elements: ['7'], broken: { 0: 'not-an-object' }, requests });
      waits = [() => store([7 as unknown as object]), () => storeRequest('a', 'a')];
      const { equal, checked } = await verify({ clock, timeoutMs: 60_000 });
      expect([equal, waits]).to.deep.equal([true, []]);
      expect(checked).to.include({ rejections: 1, requests: 1 });
    });

    it('waits no longer than it may, and not for what has stopped to come', async () => {
      expect((await verify({ clock, timeoutMs: 3_000 })).totals).to.deep.equal({ 'missing-activity': 3, 'missing-status': 6 });
      expect(now).to.be.within(3_000, 3_500);
      now = 0;
      waits = [() => store(people.slice(0, 1))];
      expect((await verify({ clock, timeoutMs: 60_000, quietMs: 5_000 })).totals).to.include({ 'missing-activity': 2 });
      expect(now).to.be.within(5_500, 6_500);
    });
  });
});
