/** The bodies that are kept, as a rebuild goes through them. */
import type { DataSource } from 'typeorm';
import type { BatchOrigin } from '@vidhuk/shared';
import { secondSchema } from '../second-tables.js';

export interface KeptBody {
  id: string;
  source: string;
  origin: BatchOrigin;
  receivedAt: Date;
  body: Buffer;
}

export const firstId = '00000000-0000-0000-0000-000000000000';

const pageSize = 1_000;

/** The next batches behind `after`, in order of their ids, that have a body and are not in the second tables yet. */
export function listMissing(
  dataSource: DataSource,
  after: string,
  source: string | null,
): Promise<{ id: string; bytes: number; total: number }[]> {
  return dataSource.query(
    `select id, bytes, total from vidhuk.batch b
     where id > $1 and body is not null and ($2::text is null or source = $2)
       and not exists (select from ${secondSchema}.batch s where s.id = b.id and s.received_at = b.received_at)
     order by id limit ${pageSize}`,
    [after, source],
  );
}

export function readBodies(dataSource: DataSource, ids: readonly string[]): Promise<KeptBody[]> {
  return dataSource.query<KeptBody[]>(
    `select id, source, origin, received_at as "receivedAt", body from vidhuk.batch
     where id = any($1::uuid[]) and body is not null order by id`,
    [ids],
  );
}

/** How many batches with a body there are, with how many elements; and of how many the body is gone although they brought something. */
export async function countBodies(
  dataSource: DataSource,
  source: string | null,
): Promise<{ batches: number; elements: number; gone: number }> {
  const [row] = await dataSource.query<{ batches: number; elements: number; gone: number }[]>(
    `select count(*) filter (where body is not null)::integer as batches,
       coalesce(sum(total) filter (where body is not null), 0)::bigint::float8 as elements,
       count(*) filter (where body is null and "new" > 0)::integer as gone
     from vidhuk.batch where $1::text is null or source = $1`,
    [source],
  );
  return row ?? { batches: 0, elements: 0, gone: 0 };
}
