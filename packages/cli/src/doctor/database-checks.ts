/** Checks of the database. */
import { messageOf } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { checkDatabaseWritable, encodingRemedy } from '@vidhuk/worker/database';
import { countFollowUps, findDoubts, readOrphanedActions, readOverdue, readPausedActions } from '@vidhuk/worker/follow-up';
import { countWaiting } from '@vidhuk/worker/quarantine';
import { counted } from '../output/plural.js';
import { info, isForbidden, ok, problem, warning, type Check } from './check.js';

async function one<Row>(database: DataSource, sql: string, values: readonly unknown[] = []): Promise<Row> {
  const [row] = await database.query<Row[]>(sql, [...values]);
  if (row === undefined) throw new Error('the database gave no row');
  return row;
}

/** By SQLSTATE (PostgreSQL, appendix A): read_only_sql_transaction, disk_full, lock_not_available. */
const remedies: Readonly<Record<string, string>> = {
  '25006': 'the server is a standby, or was set to read only: let DATABASE_URL lead to the one that takes writes',
  '53100':
    'its disk is full: make room on it, or make it larger ("vidhuk retention" tells what takes room); nothing is lost meanwhile, batches wait in the queue',
  '55P03': 'somebody holds a lock on a table for long: look at "select * from pg_stat_activity where state <> \'idle\'"',
};
const remedyFor = (error: unknown): string =>
  (error instanceof Error && 'code' in error ? remedies[String(error.code)] : undefined) ?? 'look at the log of PostgreSQL';

/** More than is free on a disk that is full. */
const probeBytes = 2 * 2 ** 20;

/** A follow-up that nobody has called for so long waits for something: backoff sets a time of its own. */
const overdueMs = 10 * 60_000;

/** As the migrations grant it. */
const readBySupport = [
  'contact_status',
  'contact_channel_status',
  'address_status',
  'activity',
  'activity_raw',
  'workflow_request',
  'migration',
]
  .map((name) => `vidhuk.${name}`)
  .join(', ');

/** As the design says: supported from 15 on. */
const oldestPostgres = 15;

export const databaseChecks: readonly Check[] = [
  {
    name: 'database version',
    needs: ['database'],
    async look({ database }) {
      const { version, name } = await one<{ version: number; name: string }>(
        database,
        `select current_setting('server_version_num')::integer as version, current_setting('server_version') as name`,
      );
      if (version >= oldestPostgres * 10_000) return [ok(`PostgreSQL ${name}`)];
      return [problem(`PostgreSQL ${name} is too old`, `use PostgreSQL ${oldestPostgres} or newer`)];
    },
  },
  {
    name: 'database encoding',
    needs: ['database'],
    async look({ database }) {
      const { encoding } = await one<{ encoding: string }>(database, `select current_setting('server_encoding') as encoding`);
      if (encoding === 'UTF8') return [ok('UTF8')];
      return [problem(`${encoding}, not UTF8: it does not take every text`, encodingRemedy)];
    },
  },
  {
    name: 'rules of the statuses',
    needs: ['tables'],
    async look({ tables }) {
      const { made, known } = await one<{ made: number | null; known: number | null }>(
        tables,
        'select (select rules_version from vidhuk.projection) as made, (select max(version) from vidhuk.projection_rule) as known',
      );
      if (made === null || known === null || made >= known) return [ok('the statuses were made by the rules of today')];
      return [warning('the statuses were made by older rules', 'run "vidhuk rebuild --check", and then "vidhuk rebuild"')];
    },
  },
  {
    name: 'erased people',
    needs: ['tables'],
    async look({ tables, environment }) {
      const { erased } = await one<{ erased: number }>(tables, 'select count(*)::integer as erased from vidhuk.erased').catch(
        (error: unknown) => {
          if (isForbidden(error)) return { erased: 0 }; // support
          throw error;
        },
      );
      if (erased === 0 || environment.eraseKey !== undefined) return [ok(counted(erased, 'tombstone'))];
      return [problem('people were erased, and ERASE_KEY is not set here', 'set it to the key by which they were erased')];
    },
  },
  {
    name: 'letters',
    needs: ['database'],
    async look({ database }) {
      const { folds } = await one<{ folds: boolean }>(database, `select lower('ПОШТА') = 'пошта' as folds`);
      if (folds) return [ok('capital and small ones are told apart by no look-up')];
      return [
        warning(
          'the database does not know that "П" and "п" are one letter: addresses in Ukrainian are found only as they were written',
          `make it with a locale that knows letters: create database … locale 'C.UTF-8' template template0`,
        ),
      ];
    },
  },
  {
    name: 'writes',
    needs: ['tables'],
    async look({ tables }) {
      try {
        await checkDatabaseWritable(tables, probeBytes);
        return [ok('batches and follow-ups can be written')];
      } catch (error) {
        if (isForbidden(error)) throw error;
        return [problem(`nothing can be written: ${messageOf(error)}`, remedyFor(error))];
      }
    },
  },
  {
    name: 'database durability',
    needs: ['database'],
    async look({ database }) {
      const settings = await database.query<{ name: string; setting: string }[]>(
        `select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name`,
      );
      const off = settings.filter(({ setting }) => setting === 'off');
      if (off.length === 0) return [ok('commits are on disk')];
      return off.map(({ name }) => problem(`${name} is off: a crash may lose the log`, `set "${name} = on" in postgresql.conf`));
    },
  },
  {
    name: 'partitions',
    needs: ['tables'],
    async look({ tables }) {
      const { missing } = await one<{ missing: string[] }>(
        tables,
        `select coalesce(array_agg(name), '{}') as missing from (
           select format('%s_%s', parent, to_char((now() at time zone 'UTC') + ahead * interval '1 month', 'YYYY_MM')) as name
           from unnest(array['activity', 'batch', 'workflow_request']) as parent, generate_series(0, 1) as ahead
         ) as wanted where to_regclass('vidhuk.' || name) is null`,
      );
      if (missing.length === 0) return [ok('this month and the next have theirs')];
      return [
        warning(
          `missing: ${missing.join(', ')}`,
          'a running worker makes them every hour, where its role may; "vidhuk migrate" as the owner makes them now',
        ),
      ];
    },
  },
  {
    name: 'default partitions',
    needs: ['tables'],
    async look({ tables }) {
      const found = await one<{ activities: string; batches: string; requests: string }>(
        tables,
        `select (select count(*) from vidhuk.activity_default) as activities, (select count(*) from vidhuk.batch_default) as batches,
           (select count(*) from vidhuk.workflow_request_default) as requests`,
      );
      const [activities, batches, requests] = [found.activities, found.batches, found.requests].map(Number);
      if (activities === 0 && batches === 0 && requests === 0) return [ok('empty')];
      const parts = [
        counted(activities ?? 0, 'activity', 'activities'),
        counted(batches ?? 0, 'batch', 'batches'),
        counted(requests ?? 0, 'request of a workflow', 'requests of workflows'),
      ];
      const text = `${parts.join(', ')} outside of every month that has a partition`;
      return [warning(text, 'look at "select occurred_at from vidhuk.activity_default": is a clock or a time zone wrong?')];
    },
  },
  {
    name: 'support role',
    needs: ['database'],
    async look({ database }) {
      const { exists } = await one<{ exists: boolean }>(
        database,
        `select exists (select from pg_roles where rolname = 'vidhuk_support')`,
      );
      return exists
        ? [ok('vidhuk_support')]
        : [
            warning(
              'the role vidhuk_support is missing',
              `as its owner or a superuser: create role vidhuk_support nologin; grant usage on schema vidhuk to vidhuk_support; grant select on ${readBySupport} to vidhuk_support`,
            ),
          ];
    },
  },
  {
    name: 'compression of bodies',
    needs: ['tables'],
    async look({ tables }) {
      const { method } = await one<{ method: string }>(
        tables,
        `select attcompression as method from pg_attribute where attrelid = 'vidhuk.batch'::regclass and attname = 'body'`,
      );
      return [info(method === 'l' ? 'lz4' : 'pglz: this build of PostgreSQL has no lz4, bodies take a little more time')];
    },
  },
  {
    name: 'quarantine',
    needs: ['tables'],
    async look({ tables }) {
      const waiting = await countWaiting(tables);
      const sum = (rows: typeof waiting) => rows.reduce((total, { count }) => total + count, 0);
      const [all, moving] = [sum(waiting), sum(waiting.filter(({ movesFlag }) => movesFlag))];
      const look = 'look at them with "vidhuk quarantine list"';
      const text = all === 1 ? '1 broken element waits' : `${counted(all, 'broken element')} wait`;
      if (moving > 0) return [problem(`${text}, of which ${moving} may say that somebody must not be written to`, look)];
      return [all === 0 ? ok('empty') : warning(text, look)];
    },
  },
  {
    name: 'actions',
    needs: ['tables', 'config'],
    async look({ tables, config }) {
      const orphaned = await readOrphanedActions(
        tables,
        config.compiledActions.map(({ name }) => name),
      );
      const disabled = await tables.query<{ action: string; reason: string }[]>(
        `select action, coalesce(disabled_reason, '') as reason from vidhuk.action_state where disabled_at is not null order by action`,
      );
      const stopped = (await countFollowUps(tables)).filter(({ state }) => state === 'failed' || state === 'held');
      const paused = (await readPausedActions(tables)).filter(({ why }) => why === 'breaker');
      const doubts = await findDoubts(tables, config.compiledActions, config.sources);
      const resting = new Set([...disabled, ...paused].map(({ action }) => action));
      const called = config.compiledActions.filter(({ name, enabled, dryRun }) => enabled && !dryRun && !resting.has(name));
      const overdue = await readOverdue(tables, called.map(({ name }) => name), overdueMs); // prettier-ignore
      const findings = [
        ...doubts.map(({ action, text }) =>
          warning(`"${action}" may never be called: ${text}`, 'mend the condition in the configuration'),
        ),
        ...orphaned.map(({ action, rows }) =>
          problem(
            `${counted(rows, 'follow-up')} ${rows === 1 ? 'waits' : 'wait'} for the action "${action}", which the configuration does not have`,
            `put it back, or give them up with "vidhuk follow-ups cancel --action ${action}"`,
          ),
        ),
        ...stopped.map(({ action, state, count }) =>
          state === 'failed'
            ? warning(
                `${counted(count, 'follow-up')} of "${action}" failed for good`,
                `"vidhuk follow-ups list --action ${action} --state failed" shows why, and "vidhuk follow-ups retry" tries again`,
              )
            : info(`${counted(count, 'follow-up')} of "${action}" ${count === 1 ? 'was' : 'were'} held back by maxPerContact`),
        ),
        ...paused.map(({ action, until }) =>
          warning(
            `the endpoint of "${action}" is unavailable, its calls pause until ${until?.toISOString() ?? 'it is well'}`,
            `"vidhuk follow-ups list --action ${action}" shows what it answered`,
          ),
        ),
        ...overdue.map(({ action, rows }) =>
          warning(
            `${counted(rows, 'follow-up')} of "${action}" ${rows === 1 ? 'has' : 'have'} been due for more than ${overdueMs / 60_000} minutes`,
            'does a worker run with this configuration, and what does its log say of the action? Or is its endpoint, or its rateLimit, too slow for what comes',
          ),
        ),
        ...disabled.map(({ action, reason }) =>
          warning(`"${action}" is disabled: ${reason}`, `"vidhuk actions enable ${action}" when its reason is gone`),
        ),
      ];
      return findings.length > 0 ? findings : [ok(`${config.compiledActions.length} configured`)];
    },
  },
];
