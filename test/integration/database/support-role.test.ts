import { expect } from 'chai';
import pg from 'pg';
import { migrate } from '../../../packages/worker/src/db/migrate.js';
import { complete } from '../../support/arbitrary-activity.js';
import { batchOf, batchOfActivities, createProjector, openDatabase, type TestDatabase } from '../../support/projection.js';
import { rejection } from '../../support/poll.js';

const readable = ['contact_status', 'contact_channel_status', 'activity', 'activity_raw', 'address_status', 'workflow_request'];
/** Asked by commands whether the database is up to date. */
const migrations = 'migration';
/** What explain() goes by. */
const rules = ['source', 'projection_rule', 'projection', 'contact_floor', 'contact_channel_floor', 'horizon', 'batch_elements'];

describe('The role vidhuk_support', () => {
  let test: TestDatabase;
  let support: pg.Client;
  before(async () => {
    test = await openDatabase();
    const { projector } = createProjector(test.database);
    const element = {
      activityDateTime: '2017-03-01T08:00:00',
      activityStatus: 'READ',
      contactId: 1,
      mediaType: 'email',
      email: 'a@b.c',
    };
    await projector.project([batchOf([element]), batchOfActivities('main', [complete({ occurredAt: Date.UTC(2016, 1) })])]);
    await test.database.query(`insert into vidhuk.workflow_request (id, source, hook, received_at, method, query, body)
      values (gen_random_uuid(), 'main', 'order-paid', now(), 'POST', '{}', '{}')`);
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

  it('reads which migrations have run', async () => {
    expect((await support.query(`select name from vidhuk.${migrations}`)).rows).not.to.be.empty;
  });

  it('reads nothing else: neither our other tables nor those of the queue', async () => {
    const others = (await tables()).filter((name) => ![...readable, ...rules, migrations].includes(name.replace('vidhuk.', '')));
    expect(others).to.include.members(['vidhuk.batch', 'vidhuk.rejected_activity', 'vidhuk.follow_up']);
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
      expect(await rejection(support.query(statement)).catch(() => null), statement).to.have.property('code', '42501');
  });

  it('neither reads nor writes through a function: none of ours, none of the queue’s, and none that reaches the server', async () => {
    const functions = await test.database.query<{ call: string; schema: string }[]>(
      `select nspname as schema, format('%I.%I(%s)', nspname, proname, (
         select string_agg('null::' || format_type(type, null), ', ' order by place) from unnest(proargtypes) with ordinality as a(type, place))) as call
       from pg_proc join pg_namespace n on n.oid = pronamespace where nspname in ('vidhuk', 'bullmq') and prokind = 'f' and prorettype <> 'trigger'::regtype`,
    );
    expect(functions.map(({ call }) => call)).to.include('vidhuk.elements_of(null::bytea)');
    const definers = await test.database.query<object[]>(
      `select proname from pg_proc where prosecdef and pronamespace::regnamespace::text not like 'pg\\_%'`,
    );
    expect(definers, 'run as their owner').to.deep.equal([]);
    for (const { call, schema } of functions.filter(({ schema }) => schema === 'bullmq'))
      expect(await rejection(support.query(`select ${call}`)), `${schema} ${call}`).to.have.property('code', '42501');
    for (const statement of [
      `select pg_read_file('postgresql.conf')`,
      `select pg_read_binary_file('postgresql.conf')`,
      `select pg_ls_dir('.')`,
      `select pg_stat_file('postgresql.conf')`,
      `select lo_import('/etc/passwd')`,
      `select lo_export(1, '/tmp/x')`,
      `copy vidhuk.contact_status to '/tmp/x'`,
      `copy vidhuk.contact_status to program 'cat'`,
      `create temporary table x as select 1 as a; copy x from '/etc/passwd'`,
      `select pg_terminate_backend(pid) from pg_stat_activity where usename <> 'vidhuk_support' limit 1`,
      `select pg_cancel_backend(pid) from pg_stat_activity where usename <> 'vidhuk_support' limit 1`,
      `select pg_reload_conf()`,
      `select pg_rotate_logfile()`,
      `select pg_current_logfile()`,
      `select * from pg_hba_file_rules`,
      `create extension dblink`,
    ])
      expect(await rejection(support.query(statement)).catch(() => null), statement).to.have.property('code', '42501');
  });

  it('reads no secret: no password, and nothing that is handed to follow-ups or kept of them', async () => {
    for (const statement of [
      'select rolpassword from pg_authid',
      'select passwd from pg_shadow',
      'select * from pg_user_mapping',
      'select * from pg_largeobject',
      'select subconninfo from pg_subscription',
      'select activity, contact, previous, last_error from vidhuk.follow_up',
      'select disabled_reason from vidhuk.action_state',
      'select body from vidhuk.batch',
      'select raw from vidhuk.rejected_activity',
      'select * from bullmq.job',
    ])
      expect(await rejection(support.query(statement)).catch(() => null), statement).to.have.property('code', '42501');
    const { rows } = await support.query<{ query: string }>(
      `select query from pg_stat_activity where usename <> 'vidhuk_support' and query <> '<insufficient privilege>' and pid <> pg_backend_pid()`,
    );
    expect(rows, 'statements of others').to.deep.equal([]);
  });

  it('cannot make more of itself', async () => {
    for (const statement of [
      'alter role vidhuk_support superuser',
      'alter role vidhuk_support createrole',
      'create role friend',
      'grant pg_read_all_data to vidhuk_support',
      'grant select on vidhuk.batch to vidhuk_support',
      'alter table vidhuk.contact_status owner to vidhuk_support',
      'create function vidhuk.mine() returns integer language sql as $$ select 1 $$',
      'create or replace view vidhuk.activity_raw as select 1',
      'create trigger mine after insert on vidhuk.contact_status execute function pg_catalog.suppress_redundant_updates_trigger()',
      'create rule mine as on insert to vidhuk.contact_status do nothing',
      'create schema mine',
      'do $$ begin lock table vidhuk.contact_status in share mode; end $$',
      'alter system set fsync = off',
      'alter database current set search_path = mine',
      `comment on table vidhuk.contact_status is 'mine'`,
    ].map((text) => text.replace('database current', `database "${new URL(test.url).pathname.slice(1)}"`)))
      expect(await rejection(support.query(statement)).catch(() => null), statement).to.have.property('code', '42501');
  });

  it('reads the same in a database that was restored without it, once that is migrated again', async () => {
    const grants = () =>
      test.database.query<unknown[]>(
        `select relname, relacl::text from pg_class where relnamespace = 'vidhuk'::regnamespace and relacl::text ~ 'support' and not relispartition
         union all select attname, attacl::text from pg_attribute where attacl::text ~ 'support' union all select nspname, nspacl::text from pg_namespace where nspacl::text ~ 'support'
         order by 1`,
      );
    const before = await grants();
    await test.database.query('revoke all on all tables in schema vidhuk from vidhuk_support');
    await test.database.query('revoke select (id, source, origin, received_at) on vidhuk.batch from vidhuk_support');
    await test.database.query('revoke all on schema vidhuk from vidhuk_support');
    expect(await grants()).to.deep.equal([]);
    await migrate(test.url, 'redis://127.0.0.1');
    expect(await grants()).to.deep.equal(before);
  });
});
