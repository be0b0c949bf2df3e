import type { DataSource } from 'typeorm';

/** Those of `ids` that are in the log. `since`, ms since 1970: none of them was received before. */
export async function landedBatches(dataSource: DataSource, ids: readonly string[], since: number): Promise<string[]> {
  const rows = await dataSource.query<{ id: string }[]>(
    'select id from vidhuk.batch where id = any($1::uuid[]) and received_at >= $2',
    [ids, new Date(since).toISOString()],
  );
  return rows.map(({ id }) => id);
}
