/** How large the database was, day by day, and how fast it grows. */
import type { DataSource } from 'typeorm';

/** Writes down how large it is now, once for each day. */
export async function recordDisk(dataSource: DataSource, now: Date): Promise<void> {
  await dataSource.query(
    `insert into vidhuk.disk_day (day, bytes) values (($1::timestamptz at time zone 'UTC')::date, pg_database_size(current_database()))
     on conflict (day) do update set bytes = excluded.bytes`,
    [now.toISOString()],
  );
}

export interface Growth {
  /** Of the whole database. */
  bytes: number;
  /** By the days of the last month, the slope through them; null: fewer than two days are known. */
  bytesPerDay: number | null;
  days: number;
}

export async function readGrowth(dataSource: DataSource, now: Date): Promise<Growth> {
  const [row] = await dataSource.query<Growth[]>(
    `select pg_database_size(current_database())::float8 as bytes, regr_slope(bytes, day - date '2000-01-01')::float8 as "bytesPerDay",
       count(*)::integer as days
     from vidhuk.disk_day where day > ($1::timestamptz at time zone 'UTC')::date - 31`,
    [now.toISOString()],
  );
  return row ?? { bytes: 0, bytesPerDay: null, days: 0 };
}

/** Where the server keeps its files, for whoever may know; null for others. */
export async function readDataFolder(dataSource: DataSource): Promise<string | null> {
  const [row] = await dataSource.query<{ folder: string | null }[]>(
    `select case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') end as folder`,
  );
  return row?.folder ?? null;
}
