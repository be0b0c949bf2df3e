import type { DataSource } from 'typeorm';

/** The `limit` activities that happened last, as received; those whose JSON is not kept any more are left out. */
export async function readLatestActivities(dataSource: DataSource, limit: number): Promise<{ source: string; raw: string }[]> {
  return dataSource.query<{ source: string; raw: string }[]>(
    `select source, raw::text as raw from (select * from vidhuk.activity_raw order by occurred_at desc limit $1) as latest where raw is not null`,
    [limit],
  );
}
