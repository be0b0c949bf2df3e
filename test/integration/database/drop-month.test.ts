/** The migration that brings `vidhuk.drop_month`, on a database that was used before. */
import { expect } from 'chai';
import { DropMonth1700000000011 } from '../../../packages/worker/src/db/migrations/0011-drop-month.js';
import { openDatabase, type TestDatabase } from '../../support/projection.js';

const role = `drop_month_owner_${process.pid}`;

describe('The migration to months that a function drops', function () {
  this.timeout(60_000);
  let test: TestDatabase;
  const query = <Row>(sql: string) => test.database.query<Row[]>(sql);
  const again = async (between: () => Promise<unknown>) => {
    const runner = test.database.createQueryRunner();
    const migration = new DropMonth1700000000011();
    await migration.down(runner);
    await between();
    await migration.up(runner);
    await runner.release();
  };

  before(async () => {
    test = await openDatabase();
    await query(`create role ${role} nologin`);
  });
  after(async () => {
    await query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    await test.drop();
  });

  it('drops months that the version before had detached and not yet dropped, and nothing else', async () => {
    const keys = { activity: 'occurred_at', batch: 'received_at', workflow_request: 'received_at' };
    const tables = () =>
      query(`select oid::regclass::text as name from pg_class where relkind = 'r' and relname like '%\\_20__\\_%'`);
    await query('create table vidhuk.activity_2020_01_of_mine (); create table public.activity_2020_01 ()');
    for (const [table, key] of Object.entries(keys))
      await query(`select vidhuk.ensure_partition('${table}', '${key}', '2020-02-01')`);
    const before = await tables();
    expect(before).to.have.length.greaterThan(5);
    await again(async () => {
      for (const [table, key] of Object.entries(keys)) {
        await query(`select vidhuk.ensure_partition('${table}', '${key}', '2020-01-01')`);
        await query(`alter table vidhuk.${table} detach partition vidhuk.${table}_2020_01`);
      }
      expect(await tables()).to.have.length(before.length + 3);
    });
    expect(await tables()).to.have.deep.members(before);
  });

  it('gives the function to the owner of the tables, whoever migrates', async () => {
    await again(() => query(`alter table vidhuk.activity owner to ${role}`));
    expect(
      await query(
        `select proowner::regrole::text as owner, has_function_privilege('public', oid, 'execute') as everybody,
           has_function_privilege(proowner, oid, 'execute') as theirs
         from pg_proc where oid = 'vidhuk.drop_month(text, text)'::regprocedure`,
      ),
    ).to.deep.equal([{ owner: role, everybody: false, theirs: true }]);
  });
});
