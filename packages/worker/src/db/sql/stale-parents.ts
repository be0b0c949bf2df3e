import type { DataSource } from 'typeorm';

/**
 * Autovacuum looks after partitions, never after their parents, and by the statistics of a parent plans over several months are made. `analyze` of a
 * parent reads a sample of every partition, so it is done when the rows have grown by a fifth, else daily.
 */
const sql = `
  select parent.relname as name
  from pg_class parent
  join pg_partitioned_table p on p.partrelid = parent.oid
  left join pg_stat_all_tables s on s.relid = parent.oid
  cross join lateral (
    select coalesce(sum(child.n_live_tup), 0) as rows, coalesce(sum(child.n_tup_ins + child.n_tup_upd + child.n_tup_del), 0) as changes
    from pg_inherits i join pg_stat_all_tables child on child.relid = i.inhrelid where i.inhparent = parent.oid
  ) as now
  where parent.relnamespace = 'vidhuk'::regnamespace and now.changes > 0
    and (now.rows > greatest(parent.reltuples, 0) * 1.2 + 1000
      or greatest(s.last_analyze, s.last_autoanalyze) is null
      or greatest(s.last_analyze, s.last_autoanalyze) < now() - interval '1 day')
  order by name`;

/** Names of partitioned tables whose statistics are out of date. */
export const staleParents = async (dataSource: DataSource): Promise<string[]> =>
  (await dataSource.query<{ name: string }[]>(sql)).map(({ name }) => name);
