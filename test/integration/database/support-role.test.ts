import { expect } from 'chai';
import pg from 'pg';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOf, batchOfActivities, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { rejection } from '../../support/poll.js';

const readable = ['contact_status', 'contact_channel_status', 'activity', 'activity_raw'];

describe('The role vidhuk_support', () => {
  let test: TestDatabase;
  let support: pg.Client;
  before(async () => {
    test = await openDatabase();
    const { projector } = createProjector(test.database);
    const element = { activityDateTime: '2017-03-01T08:00:00', activityStatus: 'READ', contactId: 1, mediaType: 'email' };
    await projector.project([batchOf([element]), batchOfActivities('main', [complete({ occurredAt: Date.UTC(2016, 1) })])]);
    support = new pg.Client({ connectionString: test.url });
    await support.connect();
    await support.query('set role vidhuk_support');
  });
  after(async () => {
    await support.end();
    await test.drop();
  });

  const tables = async (): Promise<string[]> => {
    const rows: { name: string }[] = await test.database.query(
      `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where relkind in ('r', 'p', 'v', 'm', 'S') and nspname not like 'pg\\_%' and nspname <> 'information_schema'`,
    );
    return rows.map(({ name }) => name);
  };

  for (const table of readable)
    it(`reads ${table}, months made later included`, async () => {
      const { rows } = await support.query(`select * from vidhuk.${table}`);
      expect(rows.length).to.equal(table.startsWith('activity') ? 2 : 1);
    });

  it('reads nothing else: neither our other tables nor those of the queue', async () => {
    const others = (await tables()).filter((name) => !readable.includes(name.replace('vidhuk.', '')));
    expect(others).to.include.members(['vidhuk.batch', 'vidhuk.rejected_activity', 'vidhuk.migration', 'vidhuk.follow_up']);
    expect(others.filter((name) => name.startsWith('bullmq.'))).not.to.be.empty;
    for (const name of others)
      expect(await rejection(support.query(`select * from ${name}`)), name).to.have.property('code', '42501');
  });

  it('writes nothing', async () => {
    for (const name of await tables()) {
      for (const statement of [`delete from ${name}`, `insert into ${name} default values`, `truncate ${name}`])
        expect((await rejection(support.query(statement))).message, statement).to.match(
          /permission denied|is not a table|cannot (delete|insert)/,
        );
    }
    for (const statement of [
      `update vidhuk.contact_status set blacklisted = false`,
      `select email from vidhuk.contact_status for update`,
      `create table vidhuk.mine ()`,
      `create table public.mine ()`,
      `select vidhuk.ensure_partition('activity', 'occurred_at', '2015-01-01')`,
    ])
      expect(await rejection(support.query(statement)), statement).to.have.property('code', '42501');
  });
});
