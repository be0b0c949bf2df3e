/** What the planner knew of rows that have gone is forgotten, on servers that can be told so and on those that cannot. */
import { expect } from 'chai';
import { forgetByRow, forgetStatistics } from '../../../packages/worker/src/contact/erase/forget-statistics.js';
import { inTransaction } from '../../../packages/worker/src/db/transaction.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

const statuses = ['contact_status', 'contact_channel_status'];
const floors = ['contact_floor', 'contact_channel_floor'];

describe('Statistics of tables that an erasure has emptied', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  const query = <Row>(sql: string) => test.database.query<Row[]>(sql);
  const knowing = async () =>
    (
      await query<{ name: string }>(
        `select distinct starelid::regclass::text as name from pg_statistic s where s::text ~* 'secret|3809500' order by 1`,
      )
    ).map(({ name }) => name.replace('vidhuk.', ''));

  before(async () => {
    test = await openDatabase();
  });
  after(() => test.drop());
  beforeEach(async () => {
    await query(
      `insert into vidhuk.contact_status (source, contact_id, email, phone, first_activity_at, last_activity_at)
       select 'main', n, 'Secret' || n % 5 || '@example.com', '38095000000' || n % 5, now(), now() from generate_series(1, 50) as n`,
    );
    await query(
      `insert into vidhuk.contact_channel_status (source, contact_id, media_type, address, first_activity_at, last_activity_at)
       select 'main', n, 'email', 'Secret' || n % 5 || '@example.com', now(), now() from generate_series(1, 50) as n`,
    );
    for (const table of statuses) await query(`analyze vidhuk.${table}`);
    const indexes = ['contact_status_email', 'contact_status_phone', 'contact_channel_status_address'];
    expect(await knowing()).to.have.members([...statuses, ...indexes]);
    for (const table of statuses) await query(`delete from vidhuk.${table}`);
  });

  it('are forgotten, those of indexes of expressions too, and once more without harm', async () => {
    for (let times = 0; times < 2; times++) await forgetStatistics(test.database);
    expect(await knowing()).to.deep.equal([]);
  });
  it('are forgotten by a row of nobody’s, as before PostgreSQL 18, of which nothing is left', async () => {
    for (const table of [...statuses, ...floors])
      await inTransaction(test.database, (client) => forgetByRow(client, 'vidhuk', table));
    expect(await knowing()).to.deep.equal([]);
    for (const table of [...statuses, ...floors]) expect(await query(`select from vidhuk.${table}`)).to.deep.equal([]);
  });
});
