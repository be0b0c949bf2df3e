import type { DataSource } from 'typeorm';

/** So many are looked at: a tenth of a second, however long the log is. */
const latest = 100_000;

/** In words. */
export const seenWithin = `among the latest ${latest.toLocaleString('en')} activities`;

/** Which statuses and channels the latest activities of the log have. */
export async function readSeen(dataSource: DataSource): Promise<{ statuses: string[]; mediaTypes: string[] }> {
  const [seen] = await dataSource.query<{ statuses: string[]; mediaTypes: string[] }[]>(
    `select coalesce(array_agg(distinct status), '{}') as statuses, coalesce(array_agg(distinct media_type), '{}') as "mediaTypes"
     from (select status, media_type from vidhuk.activity order by occurred_at desc limit $1) as latest`,
    [latest],
  );
  return seen ?? { statuses: [], mediaTypes: [] };
}
