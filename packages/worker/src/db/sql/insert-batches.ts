import type { ClientBase } from 'pg';

export interface BatchRow {
  id: string;
  source: string;
  receivedAt: Date;
  /** null: not worth keeping, it brought nothing new. */
  body: Buffer | null;
  bytes: number;
  total: number;
  new: number;
  duplicate: number;
  rejected: number;
}

/** A job that runs twice finds its row and leaves it: the first run told what was new. In order, so that two such runs wait instead of deadlocking. */
const sql = `
  insert into vidhuk.batch (id, source, received_at, body, bytes, total, "new", duplicate, rejected)
  select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bytea[], $5::integer[], $6::integer[], $7::integer[], $8::integer[], $9::integer[]) as r(id)
  order by id
  on conflict (id, received_at) do nothing`;

export async function insertBatches(client: ClientBase, batches: readonly BatchRow[]): Promise<void> {
  const column = <K extends keyof BatchRow>(name: K) => batches.map((batch) => batch[name]);
  const values = [
    column('id'),
    column('source'),
    column('receivedAt'),
    column('body'),
    column('bytes'),
    column('total'),
    column('new'),
    column('duplicate'),
    column('rejected'),
  ];
  await client.query({ name: 'insert-batches', text: sql, values });
}
