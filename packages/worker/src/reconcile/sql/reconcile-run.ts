/** The rows of `reconcile_run` and `drift`: begun, continued, ended. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { ReconcileRunEntity, type ReconcileRun, type RoadName, type Unread } from '../../db/entities/reconcile-run.js';
import type { DriftCount } from '../tally.js';

export type NewRun = Pick<ReconcileRun, 'source' | 'road' | 'scheduled' | 'dryRun' | 'periodFrom' | 'periodTo'>;

/** The run of this source and road that was cut off, if there is one: whoever asks holds the lock of the source, so nobody is at work on it. */
export const findUnfinished = (dataSource: DataSource, source: string, road: RoadName): Promise<ReconcileRun | null> =>
  dataSource.getRepository(ReconcileRunEntity).findOne({ where: { source, road, state: 'running' }, order: { id: 'desc' } });

export const readRun = (dataSource: DataSource, id: number): Promise<ReconcileRun> =>
  dataSource.getRepository(ReconcileRunEntity).findOneByOrFail({ id });

/** Gives its id. Those before it that were cut off are given up. */
export async function beginRun(dataSource: DataSource, run: NewRun): Promise<number> {
  const [row] = await dataSource.query<{ id: string }[]>(
    `with abandoned as (
       update vidhuk.reconcile_run set state = 'abandoned', ended_at = now() where source = $1 and road = $2 and state = 'running')
     insert into vidhuk.reconcile_run (source, road, scheduled, dry_run, period_from, period_to, state)
     values ($1, $2, $3, $4, $5, $6, 'running') returning id`,
    [run.source, run.road, run.scheduled, run.dryRun, run.periodFrom?.toISOString(), run.periodTo?.toISOString()],
  );
  return Number(row?.id);
}

/** Adds what was found since the last step; `readUntil` is where a run that is cut off goes on. */
export async function recordStep(
  client: ClientBase,
  id: number,
  step: { readUntil: Date | null; counts: readonly DriftCount[]; rejected: number; unread: readonly Unread[] },
): Promise<void> {
  const { readUntil, counts, rejected, unread } = step;
  await client.query(
    `update vidhuk.reconcile_run set read_until = coalesce($2, read_until), rejected = rejected + $3, unread = unread || $4::jsonb where id = $1`,
    [id, readUntil?.toISOString() ?? null, rejected, JSON.stringify(unread)],
  );
  await client.query(
    `insert into vidhuk.drift as d (run_id, day, status, kind, count)
     select $1, * from unnest($2::date[], $3::text[], $4::text[], $5::bigint[])
     on conflict (run_id, day, status, kind) do update set count = d.count + excluded.count`,
    [
      id,
      counts.map(({ day }) => day),
      counts.map(({ status }) => status),
      counts.map(({ kind }) => kind),
      counts.map(({ count }) => count),
    ],
  );
}

export async function endRun(
  dataSource: DataSource,
  id: number,
  { state, problem }: { state: ReconcileRun['state']; problem: string | null },
): Promise<void> {
  await dataSource.query('update vidhuk.reconcile_run set state = $2, problem = $3, ended_at = now() where id = $1', [
    id,
    state,
    problem,
  ]);
}

export const readDrift = (dataSource: DataSource, id: number): Promise<DriftCount[]> =>
  dataSource.query<DriftCount[]>(
    `select day::text, status, kind, count::float8 as count from vidhuk.drift where run_id = $1 order by day, status, kind`,
    [id],
  );

/** The end of the latest run that was complete and added what it found: so far nothing is missing. null: there is none. */
export async function readCursor(dataSource: DataSource, source: string, road: RoadName): Promise<Date | null> {
  const [row] = await dataSource.query<{ cursor: Date | null }[]>(
    `select max(period_to) as cursor from vidhuk.reconcile_run
     where source = $1 and road = $2 and scheduled and not dry_run and state = 'complete'`,
    [source, road],
  );
  return row?.cursor ?? null;
}
