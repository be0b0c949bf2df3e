/** The bodies that are kept, and what the log has of those that are not. */
import type { BatchOrigin } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { secondSchema } from '../../../projection/second-tables.js';

export interface KeptBody {
  id: string;
  source: string;
  origin: BatchOrigin;
  receivedAt: Date;
  /** null: it is gone. */
  body: Buffer | null;
}

/**
 * Bytes come as text of as many characters, which takes the server and the driver a fifth of what their hexadecimal does; only text with a NUL character, which
 * PostgreSQL has no text for, comes as bytes.
 */
const columns = `id, source, origin, received_at as "receivedAt", case when position('\\x00'::bytea in body) = 0 then convert_from(body, 'LATIN1') end as text,
  case when position('\\x00'::bytea in body) > 0 then body end as body`;

const kept = (rows: readonly (KeptBody & { text: string | null })[]): KeptBody[] =>
  rows.map(({ text, body, ...row }) => ({ ...row, body: text === null ? body : Buffer.from(text, 'latin1') }));

/** Of the batches from `first` to `last`, those that have a body, of one source or of all. */
export async function readBodies(
  dataSource: DataSource,
  { first, last }: { first: string; last: string },
  source: string | null,
): Promise<KeptBody[]> {
  return kept(
    await dataSource.query(
      `select ${columns} from vidhuk.batch
       where id between $1 and $2 and body is not null and ($3::text is null or source = $3) order by id`,
      [first, last, source],
    ),
  );
}

/** Of the batches that came meanwhile, those from `first` to `last`, `limit` at most. */
export async function readCame(
  dataSource: DataSource,
  { first, last }: { first: string; last: string },
  limit: number,
): Promise<KeptBody[]> {
  return kept(
    await dataSource.query(
      `select ${columns} from ${secondSchema}.came join vidhuk.batch using (id) where id between $1 and $2 order by id limit $3`,
      [first, last, limit],
    ),
  );
}

/** How many elements came that are not made up for; ids of batches that are gone altogether are forgotten. */
export async function countCame(client: Pick<ClientBase, 'query'>): Promise<{ batches: number; elements: number }> {
  const { rows } = await client.query<{ batches: number; elements: number }>(
    `select count(*)::float8 as batches, coalesce(sum(b.total), 0)::float8 as elements from ${secondSchema}.came join vidhuk.batch b on b.id = came.id`,
  );
  return rows[0] ?? { batches: 0, elements: 0 };
}

export async function forgetCame(dataSource: DataSource, ids: readonly string[]): Promise<void> {
  await dataSource.query(`delete from ${secondSchema}.came where id = any($1::uuid[])`, [ids]);
}

/** How many batches with a body there are, with how many elements; and of how many the body is gone although they brought something. */
export async function countBodies(
  dataSource: DataSource,
  source: string | null,
): Promise<{ batches: number; elements: number; gone: number }> {
  const [row] = await dataSource.query<{ batches: number; elements: number; gone: number }[]>(
    `select count(*) filter (where body is not null)::float8 as batches,
       coalesce(sum(total) filter (where body is not null), 0)::float8 as elements,
       count(*) filter (where body is null and "new" > 0)::float8 as gone
     from vidhuk.batch where $1::text is null or source = $1`,
    [source],
  );
  return row ?? { batches: 0, elements: 0, gone: 0 };
}
