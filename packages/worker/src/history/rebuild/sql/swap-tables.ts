/** The second tables take the places of the tables, in the caller's transaction. */
import type { ClientBase } from 'pg';
import { replacedSchema, secondSchema, swappedTables } from '../../../projection/second-tables.js';
import { describeTables } from './describe-tables.js';

interface View {
  name: string;
  definition: string;
  options: string | null;
}

/**
 * Under a lock that keeps all readers out for the moment until the commit; rejects where it cannot be had within the transaction's `lock_timeout`. Tables
 * change schemas, so that every name stays what it is: of partitions, indexes and keys too. Views are replaced in place, which leaves them their comments and
 * their privileges; functions and prepared statements look up the names themselves.
 */
export async function swapTables(client: ClientBase): Promise<void> {
  await client.query(`set local search_path = ''`);
  for (const table of swappedTables) await client.query(`lock table vidhuk.${table} in access exclusive mode`);
  for (const table of swappedTables) await client.query(`lock table ${secondSchema}.${table} in access exclusive mode`);
  await requireAlike(client);
  const views = await viewsOver(client);
  const old = await describeTables(client, 'vidhuk', swappedTables);
  const made = await describeTables(client, secondSchema, swappedTables);
  const moves = [
    ...old.map(({ name }) => `alter table vidhuk.${name} set schema ${replacedSchema}`),
    ...made.map(({ name }) => `alter table ${secondSchema}.${name} set schema vidhuk`),
    ...views.map(
      ({ name, definition, options }) =>
        `create or replace view ${name}${options === null ? '' : ` with (${options})`} as ${definition.replace(/;\s*$/, '')}`,
    ),
  ];
  await client.query(moves.join(';\n'));
}

/** A migration that ran since the second tables were made has changed only the first. */
async function requireAlike(client: ClientBase): Promise<void> {
  const parts = `
    select c.relname as table, a.attname as part, format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end as what
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relname = any($1) and c.relnamespace =`;
  const [live, made] = [`${parts} 'vidhuk'::regnamespace`, `${parts} '${secondSchema}'::regnamespace`];
  const { rows } = await client.query<{ table: string }>(
    `select "table" from ((${live} except ${made}) union all (${made} except ${live})) as differing limit 1`,
    [swappedTables],
  );
  const [differing] = rows;
  if (differing !== undefined)
    throw new Error(
      `the table ${differing.table} was changed by a migration since the rebuild began: "vidhuk rebuild --cancel", and begin again`,
    );
}

/** Those that read the tables, in whatever schema; views over views follow these. With the search path empty every name stands in full. */
async function viewsOver(client: ClientBase): Promise<View[]> {
  const { rows } = await client.query<View>(
    `with recursive tree as (
       select oid from unnest($1::text[]::regclass[]::oid[]) as oid union all select inhrelid from tree join pg_inherits on inhparent = tree.oid
     )
     select distinct format('%I.%I', n.nspname, v.relname) as name, pg_get_viewdef(v.oid) as definition, array_to_string(v.reloptions, ', ') as options
     from tree join pg_depend d on d.refobjid = tree.oid and d.classid = 'pg_rewrite'::regclass join pg_rewrite r on r.oid = d.objid
     join pg_class v on v.oid = r.ev_class and v.relkind = 'v' join pg_namespace n on n.oid = v.relnamespace`,
    [swappedTables.map((table) => `vidhuk.${table}`)],
  );
  return rows;
}

/** Holders of the tables that kept the swap from its lock, oldest first. */
export async function readHolders(client: Pick<ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await client.query<{ holder: string }>(
    `select format('%s (pid %s, for %s s)', coalesce(nullif(a.application_name, ''), a.usename, 'somebody'), a.pid,
       greatest(round(extract(epoch from clock_timestamp() - a.xact_start)), 0)) as holder
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'relation' and l.granted and l.relation = any($1::text[]::regclass[]::oid[]) and a.pid <> pg_backend_pid() and a.xact_start is not null
     group by a.pid, a.application_name, a.usename, a.xact_start order by a.xact_start limit 3`,
    [swappedTables.map((table) => `vidhuk.${table}`)],
  );
  return rows.map(({ holder }) => holder);
}

/** What the second quarantine knows beyond the first: what is broken now is added (but for what was emptied, because its people were erased), what is sound now is in the log and needs no mending. */
export async function settleRejections(client: ClientBase, source: string | null): Promise<{ added: number; resolved: number }> {
  const columns = 'source, batch_id, position, reason, detail, contact_id, moves_flag, raw, raw_bytes, rejected_at';
  const added = await client.query(
    `insert into vidhuk.rejected_activity (${columns})
     select ${columns} from ${secondSchema}.rejected_activity where detail <> '' on conflict (batch_id, position) do nothing`,
  );
  const resolved = await client.query(
    `update vidhuk.rejected_activity r set resolved_at = now(), resolution = 'rebuilt'
     where resolved_at is null and ($1::text is null or source = $1)
       and exists (select from vidhuk.batch b where b.id = r.batch_id and b.body is not null)
       and not exists (select from ${secondSchema}.rejected_activity s where s.batch_id = r.batch_id and s.position = r.position)`,
    [source],
  );
  return { added: added.rowCount ?? 0, resolved: resolved.rowCount ?? 0 };
}
