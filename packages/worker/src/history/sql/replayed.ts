/** What a replay asks of the table `batch`. */
import type { DataSource } from 'typeorm';

export interface Span {
  /** Received then or later. */
  since: Date;
  /** null: of every source. */
  source: string | null;
}

/** Ids of batches of which a body is kept, in the order of their receipt. */
export async function listKept(dataSource: DataSource, { since, source }: Span): Promise<string[]> {
  const rows = await dataSource.query<{ id: string }[]>(
    `select id from vidhuk.batch where received_at >= $1 and body is not null and ($2::text is null or source = $2) order by id`,
    [since.toISOString(), source],
  );
  return rows.map(({ id }) => id);
}

/** Those of `ids` that the table does not have. */
export async function unknownBatches(dataSource: DataSource, ids: readonly string[]): Promise<Set<string>> {
  const rows = await dataSource.query<{ id: string }[]>(
    `select id from unnest($1::uuid[]) as given(id) where not exists (select from vidhuk.batch b where b.id = given.id)`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many activities these batches brought that the log did not have. */
export async function countNew(dataSource: DataSource, ids: readonly string[]): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `select coalesce(sum("new"), 0)::float8 as count from vidhuk.batch where id = any($1::uuid[])`,
    [ids],
  );
  return row?.count ?? 0;
}
