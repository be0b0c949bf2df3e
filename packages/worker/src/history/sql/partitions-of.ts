/** The physical tables that a table consists of. */
import type { DataSource } from 'typeorm';

export interface Leaf {
  /** Without the schema, which is `vidhuk`. */
  name: string;
  /** Of a month's partition: its beginning, and the beginning of the next. */
  month: { from: Date; to: Date } | null;
  /** As the statistics have it. */
  rows: number;
  /** With indexes, and with what is kept outside of the rows. */
  bytes: number;
  /** Of what is kept outside of the rows. */
  toastBytes: number;
}

/** `table`: `activity`, `batch`, `workflow_request`, or one that has no partitions. Months in their order, the default partition last. */
export async function partitionsOf(dataSource: DataSource, table: string): Promise<Leaf[]> {
  const rows = await dataSource.query<(Omit<Leaf, 'month'> & { month: string | null })[]>(
    `select c.relname as name, substring(c.relname from '_(\\d{4}_\\d{2})$') as month, greatest(c.reltuples, 0)::float8 as rows,
       pg_total_relation_size(c.oid)::float8 as bytes, coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)::float8 as "toastBytes"
     from pg_class c
     where c.relnamespace = 'vidhuk'::regnamespace and c.relkind = 'r'
       and (c.relname = $1 or c.oid in (select inhrelid from pg_inherits where inhparent = to_regclass('vidhuk.' || $1)))
     order by month nulls last`,
    [table],
  );
  return rows.map((row) => ({ ...row, month: row.month === null ? null : boundsOf(row.month) }));
}

function boundsOf(name: string): { from: Date; to: Date } {
  const [year, month] = name.split('_').map(Number) as [number, number];
  return { from: new Date(Date.UTC(year, month - 1)), to: new Date(Date.UTC(year, month)) };
}
