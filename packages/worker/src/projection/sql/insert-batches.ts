import type { BatchOrigin } from '@vidhuk/shared';
import type { ClientBase } from 'pg';
import { bytesColumn, integerColumn, RowArray, textColumn, timeColumn, uuidColumn } from '../../db/rows/row-array.js';

export interface BatchRow {
  id: string;
  source: string;
  origin: BatchOrigin;
  receivedAt: Date;
  /** null: the same bytes are kept already. */
  body: Buffer | null;
  bytes: number;
  total: number;
  new: number;
  duplicate: number;
  rejected: number;
}

export const batchRows = new RowArray<BatchRow>('vidhuk.batch_input', [
  uuidColumn('id', (batch) => batch.id),
  textColumn('source', (batch) => batch.source),
  textColumn('origin', (batch) => batch.origin),
  timeColumn('received_at', (batch) => batch.receivedAt.getTime()),
  bytesColumn('body', (batch) => batch.body),
  integerColumn('bytes', (batch) => batch.bytes),
  integerColumn('total', (batch) => batch.total),
  integerColumn('"new"', (batch) => batch.new),
  integerColumn('duplicate', (batch) => batch.duplicate),
  integerColumn('rejected', (batch) => batch.rejected),
]);

/** A job that runs twice finds its row and leaves it: the first run told what was new. In order, so that two such runs wait instead of deadlocking. */
const sql = `
  insert into vidhuk.batch (${batchRows.names}) select ${batchRows.names} from ${batchRows.unnested}
  order by id
  on conflict (id, received_at) do nothing
  returning id`;

/** Gives the ids of those that had no row. */
export async function insertBatches(client: ClientBase, batches: readonly BatchRow[]): Promise<Set<string>> {
  const bodyBytes = batches.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
  const values = [batchRows.parameter(client, batchRows.encode(batches, bodyBytes))];
  const { rows } = await client.query<{ id: string }>({ name: 'insert-batches', text: sql, values });
  return new Set(rows.map(({ id }) => id));
}

/** Of a batch: elements that are in no log. */
export interface SetAside {
  id: string;
  erased: number;
  expired: number;
}

/** Adds them to batches that this transaction has inserted. */
export async function countSetAside(client: ClientBase, counts: readonly SetAside[]): Promise<void> {
  if (counts.length === 0) return;
  await client.query(
    `update vidhuk.batch b set erased = c.erased, expired = c.expired
     from unnest($1::uuid[], $2::integer[], $3::integer[]) as c(id, erased, expired) where b.id = c.id`,
    [counts.map(({ id }) => id), counts.map(({ erased }) => erased), counts.map(({ expired }) => expired)],
  );
}
