/** Where the disk goes. */
import type { DataSource } from 'typeorm';

export interface TableSize {
  table: string;
  /** `2026-11`, of what is kept by months; null: all of it. */
  month: string | null;
  /** With indexes, and with what is kept outside of the rows. */
  bytes: number;
}

/** Largest first, months of a table in their order; nothing that is empty. */
export function readDiskByTable(dataSource: DataSource): Promise<TableSize[]> {
  return dataSource.query<TableSize[]>(`
    select coalesce(parent.relname, c.relname) as table, replace(substring(c.relname from '_(\\d{4}_\\d{2})$'), '_', '-') as month,
      pg_total_relation_size(c.oid)::float8 as bytes
    from pg_class c
    left join pg_inherits on inhrelid = c.oid
    left join pg_class parent on parent.oid = inhparent
    where c.relnamespace = 'vidhuk'::regnamespace and c.relkind = 'r' and pg_relation_size(c.oid) > 0
    order by sum(pg_total_relation_size(c.oid)) over (partition by coalesce(parent.relname, c.relname)) desc, 1, 2`);
}
