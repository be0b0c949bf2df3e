/** The table `act`: who did what by the command line, without personal data. What takes long is seen while it goes on, and may be stopped by anybody. */
import type { DataSource } from 'typeorm';
import type { Act } from '../../db/entities/act.js';

type Detail = Readonly<Record<string, unknown>>;

/** Keeps who did what; gives its id. `who` is the user of the machine; the database's is added. */
export async function recordAct(
  dataSource: DataSource,
  { who, command, detail }: { who: string; command: string; detail: Detail },
): Promise<number> {
  const [row] = await dataSource.query<{ id: string }[]>(
    `insert into vidhuk.act (who, command, detail) values ($1 || ' as ' || session_user, $2, $3) returning id`,
    [who, command, JSON.stringify(detail)],
  );
  return Number(row?.id);
}

/** Adds to its detail how far it is, and when that was; true: somebody wants it to stop. */
export async function recordProgress(dataSource: DataSource, id: number, detail: Detail): Promise<boolean> {
  const [rows] = await dataSource.query<[{ stop: boolean }[], number]>(
    `update vidhuk.act set detail = detail || $2::jsonb || jsonb_build_object('at', now()) where id = $1
     returning coalesce((detail ->> 'stop')::boolean, false) as stop`,
    [id, JSON.stringify(detail)],
  );
  return rows[0]?.stop ?? false;
}

/** Asks an act that goes on to stop; false where there is none that does. */
export async function askToStop(dataSource: DataSource, id: number): Promise<boolean> {
  const [, count] = await dataSource.query<[unknown[], number]>(
    `update vidhuk.act set detail = detail || '{"stop": true}' where id = $1 and detail ->> 'state' = 'running'`,
    [id],
  );
  return count > 0;
}

/** The latest, newest first. */
export async function readActs(dataSource: DataSource, limit: number): Promise<Act[]> {
  const rows = await dataSource.query<(Omit<Act, 'id'> & { id: string })[]>(
    `select id, done_at as "doneAt", who, command, detail from vidhuk.act order by id desc limit $1`,
    [limit],
  );
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}
