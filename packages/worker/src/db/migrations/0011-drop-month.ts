/** Months that have been kept for long enough are dropped by a function, which runs as its owner where a worker has a role of its own (`grant-roles.ts`). */
import type { QueryRunner } from 'typeorm';
import type { MigrationStep, PlannedMigration } from '../kit/planned-migration.js';

const columns = {
  batch_from: 'Batches received before this time may go by whole months; null: all are kept',
  request_from: 'Requests of workflows received before this time may go by whole months; null: all are kept',
};

/**
 * Whoever may call it can drop nothing but a month's partition of these three tables that is over, and lies before the horizon of its table as a whole: the
 * catalogue says what is one, and where it ends. The lock is waited for 0.2 s at most, whatever the caller's setting is.
 */
const dropMonth = `
  create function vidhuk.drop_month(parent text, partition text) returns void language plpgsql
    set search_path = pg_catalog, pg_temp set lock_timeout = '200ms' set datestyle = 'ISO' as $$
  declare
    horizon timestamptz;
    ends    timestamptz;
  begin
    select (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \\('([^']+)'\\)$re$))[1]::timestamptz into ends
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where parent in ('activity', 'batch', 'workflow_request') and i.inhparent = to_regclass(format('vidhuk.%I', parent))
      and c.relnamespace = 'vidhuk'::regnamespace and c.relname = partition;
    if ends is null then
      raise exception 'vidhuk.% is no month of vidhuk.%', partition, parent using errcode = 'undefined_table';
    end if;
    select case parent when 'activity' then log_from when 'batch' then batch_from else request_from end into horizon from vidhuk.horizon;
    if horizon is null or ends > least(horizon, now()) then
      raise exception 'vidhuk.% is kept: it ends at %, and only what lies before % may go', partition, ends, coalesce(horizon::text, 'no time at all')
        using errcode = 'object_not_in_prerequisite_state';
    end if;
    execute format('drop table vidhuk.%I', partition);
  end $$`;

/** Months that the version before had detached, and not yet dropped: they are in no table any more, so no retention and no erasure would reach them. */
const dropDetached = `
  do $$ declare orphan regclass; begin
    for orphan in
      select oid::regclass from pg_class
      where relnamespace = 'vidhuk'::regnamespace and relkind = 'r' and not relispartition
        and relname ~ '^(activity|batch|workflow_request)_\\d{4}_\\d{2}$'
    loop
      execute format('drop table %s', orphan);
    end loop;
  end $$`;

/** Where a superuser migrates: the function runs with the rights of the tables' owner, who may also change it later. */
const giveToOwner = `
  do $$ declare owner regrole := (select relowner from pg_class where oid = 'vidhuk.activity'::regclass); begin
    if owner <> (select proowner from pg_proc where oid = 'vidhuk.drop_month(text, text)'::regprocedure) then
      execute format('alter function vidhuk.drop_month(text, text) owner to %s', owner);
    end if;
  exception when insufficient_privilege then null; -- it stays with whoever made it
  end $$`;

export class DropMonth1700000000011 implements PlannedMigration {
  readonly name = 'DropMonth1700000000011';
  readonly steps: readonly MigrationStep[] = [
    { what: 'before which months of batches and requests may go', table: 'horizon', blocks: 'everybody', eachRow: 'nothing' },
    { what: 'a function that drops a month', table: null, blocks: 'nobody', eachRow: 'nothing' },
    { what: 'months that were detached already are dropped', table: null, blocks: 'nobody', eachRow: 'nothing' },
  ];

  async up(runner: QueryRunner): Promise<void> {
    for (const [column, comment] of Object.entries(columns)) {
      await runner.query(`alter table vidhuk.horizon add column ${column} timestamptz`);
      await runner.query(`comment on column vidhuk.horizon.${column} is '${comment}'`);
    }
    await runner.query(dropMonth);
    await runner.query(
      `comment on function vidhuk.drop_month is 'Drops a month of activity, batch or workflow_request that lies before the horizon of its table'`,
    );
    await runner.query('revoke execute on function vidhuk.drop_month(text, text) from public');
    await runner.query(dropDetached);
    await runner.query(giveToOwner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function vidhuk.drop_month');
    for (const column of Object.keys(columns)) await runner.query(`alter table vidhuk.horizon drop column ${column}`);
  }
}
