/** What hangs on the tables and would stay behind with the old ones. */
import type { DataSource } from 'typeorm';
import { swappedTables } from '../../../projection/second-tables.js';

const sql = `
  with recursive tree as (
    select oid from unnest($1::text[]::regclass[]::oid[]) as oid union all select inhrelid from tree join pg_inherits on inhparent = tree.oid
  ), dependent as (
    select d.refobjid, r.ev_class as view from tree join pg_depend d on d.refobjid = tree.oid and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite r on r.oid = d.objid
  )
  select 'the table ' || oid::regclass || ' belongs to ' || pg_get_userbyid(relowner) || ': rebuild as that user' as obstacle
  from pg_class join tree using (oid) where not pg_has_role(relowner, 'usage')
  union
  select 'the materialised view ' || view::regclass || ' reads ' || refobjid::regclass || ': drop it, and make it again afterwards'
  from dependent join pg_class on oid = view where relkind = 'm'
  union
  select 'the view ' || view::regclass || ' belongs to ' || pg_get_userbyid(relowner) || ': rebuild as a user who may replace it, or drop it'
  from dependent join pg_class on oid = view where relkind = 'v' and not pg_has_role(relowner, 'usage')
  union
  select 'the trigger ' || tgname || ' of ' || tgrelid::regclass || ': drop it, and make it again afterwards'
  from pg_trigger join tree on tgrelid = tree.oid where not tgisinternal and tgparentid = 0
  union
  select 'the foreign key ' || conname || ' of ' || conrelid::regclass || ': drop it, and make it again afterwards'
  from pg_constraint join tree on confrelid = tree.oid or conrelid = tree.oid where contype = 'f'
  union
  select 'the policy ' || polname || ' of ' || polrelid::regclass || ': drop it, and make it again afterwards' from pg_policy join tree on polrelid = tree.oid
  union
  select 'the publication ' || pubname || ' names ' || prrelid::regclass || ': take it out, and add it again afterwards'
  from pg_publication_rel join tree on prrelid = tree.oid join pg_publication p on p.oid = prpubid
  union
  select 'the function ' || d.objid::regprocedure || ' is made of ' || d.refobjid::regclass || ': drop it, and make it again afterwards'
  from pg_depend d join tree on d.refobjid = tree.oid where d.classid = 'pg_proc'::regclass
  order by 1`;

/** In words, each with what to do; empty: everything follows. */
export const obstaclesToSwap = async (dataSource: DataSource): Promise<string[]> =>
  (await dataSource.query<{ obstacle: string }[]>(sql, [swappedTables.map((table) => `vidhuk.${table}`)])).map(
    ({ obstacle }) => obstacle,
  );
