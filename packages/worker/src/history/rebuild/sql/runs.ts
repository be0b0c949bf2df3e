/** The table `rebuild`: what is under way, and what was. */
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { ReadingRules } from '../../../activity/parse-context.js';
import { secondSchema } from '../../../projection/second-tables.js';
import type { OptIn } from '../../../projection/sql/source-settings.js';

/** By source: endsUnsubscribed, endsComplaint. */
export type OptIns = Readonly<Record<string, readonly [boolean, boolean]>>;

export interface Run {
  /** bigint, as text. */
  id: string;
  check: boolean;
  source: string | null;
  contexts: ReadingRules;
  optIn: OptIns;
  rulesVersion: number;
  /** Where the log began then, which retention may have moved since. */
  logFrom: Date | null;
  beganAt: Date;
}

const columns = `id, check_only as "check", source, contexts, opt_in as "optIn", rules_version as "rulesVersion", log_from as "logFrom", began_at as "beganAt"`;

export async function findRunning(dataSource: DataSource): Promise<Run | undefined> {
  return (await dataSource.query<Run[]>(`select ${columns} from vidhuk.rebuild where state = 'running'`))[0];
}

export async function beginRun(
  client: ClientBase,
  { check, source, contexts, optIn, rulesVersion }: Omit<Run, 'id' | 'logFrom' | 'beganAt'>,
): Promise<Run> {
  const { rows } = await client.query<Run>(
    `insert into vidhuk.rebuild (state, check_only, source, contexts, opt_in, rules_version, log_from)
     values ('running', $1, $2, $3, $4, $5, (select log_from from vidhuk.horizon)) returning ${columns}`,
    [check, source, JSON.stringify(contexts), JSON.stringify(optIn), rulesVersion],
  );
  const [run] = rows;
  if (run === undefined) throw new Error('the database gave no row');
  return run;
}

/**
 * Whether the log begins where it did when the rebuild began, and has every month that it had: the floors with which it began are of then. Whoever holds
 * the lock of batches, as in the last moments, is sure of it.
 */
export async function isOfSameLog(client: Pick<ClientBase, 'query'>, { logFrom }: Run): Promise<boolean> {
  const { rows } = await client.query<{ logFrom: Date | null; lacksMonth: boolean }>(
    `select log_from as "logFrom", exists (
       select from pg_inherits made join pg_class m on m.oid = made.inhrelid
       where made.inhparent = to_regclass('${secondSchema}.activity') and not exists (
         select from pg_inherits live join pg_class c on c.oid = live.inhrelid where live.inhparent = 'vidhuk.activity'::regclass and c.relname = m.relname
       )) as "lacksMonth"
     from vidhuk.horizon`,
  );
  const [log] = rows;
  return log?.lacksMonth !== true && (log?.logFrom ?? null)?.getTime() === logFrom?.getTime();
}

export async function endRun(client: ClientBase, id: string, pausedMs: number): Promise<void> {
  await client.query(`update vidhuk.rebuild set state = 'done', ended_at = now(), paused_ms = $2 where id = $1`, [id, pausedMs]);
  await client.query('delete from vidhuk.rebuild_slice where rebuild_id = $1', [id]);
}

/** Whether there was one. */
export async function cancelRun(dataSource: DataSource): Promise<boolean> {
  const [, cancelled] = await dataSource.query<[unknown[], number]>(
    `update vidhuk.rebuild set state = 'cancelled', ended_at = now() where state = 'running'`,
  );
  await dataSource.query(
    `delete from vidhuk.rebuild_slice s where not exists (select from vidhuk.rebuild r where r.id = s.rebuild_id and r.state = 'running')`,
  );
  return cancelled > 0;
}

/** Of the sources that the database knows. */
export async function readOptIns(client: Pick<ClientBase, 'query'>): Promise<OptIn[]> {
  const { rows } = await client.query<OptIn>(
    `select source, opt_in_ends_unsubscribed as "endsUnsubscribed", opt_in_ends_complaint as "endsComplaint" from vidhuk.source order by source`,
  );
  return rows;
}

export const optInsOf = (settings: readonly OptIn[]): OptIns =>
  Object.fromEntries(settings.map(({ source, endsUnsubscribed, endsComplaint }) => [source, [endsUnsubscribed, endsComplaint]]));

export async function keepOptIns(dataSource: DataSource, id: string, optIn: OptIns): Promise<void> {
  await dataSource.query('update vidhuk.rebuild set opt_in = $2 where id = $1', [id, JSON.stringify(optIn)]);
}
