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

/**
 * A job that runs twice finds its row and leaves it: the first run told what was new. In order, so that two such runs wait instead of deadlocking.
 * The bodies come as one value: the driver sends a Buffer as it is, but those of an array as hexadecimal text, which takes three times as long.
 */
const sql = `
  insert into vidhuk.batch (id, source, received_at, body, bytes, total, "new", duplicate, rejected)
  select id, source, received_at, substring($4::bytea from body_start for body_length), bytes, total, "new", duplicate, rejected
  from unnest($1::uuid[], $2::text[], $3::timestamptz[], $5::integer[], $6::integer[], $7::integer[], $8::integer[], $9::integer[], $10::integer[],
    $11::integer[]) as r(id, source, received_at, body_start, body_length, bytes, total, "new", duplicate, rejected)
  order by id
  on conflict (id, received_at) do nothing`;

export async function insertBatches(client: ClientBase, batches: readonly BatchRow[]): Promise<void> {
  const column = <K extends keyof BatchRow>(name: K) => batches.map((batch) => batch[name]);
  let next = 1;
  const starts = batches.map(({ body }) => {
    const start = next;
    next += body?.length ?? 0;
    return start;
  });
  const values = [
    column('id'),
    column('source'),
    column('receivedAt'),
    Buffer.concat(batches.map(({ body }) => body ?? Buffer.alloc(0))),
    starts,
    batches.map(({ body }) => body?.length ?? null), // null: substring gives null
    column('bytes'),
    column('total'),
    column('new'),
    column('duplicate'),
    column('rejected'),
  ];
  await client.query({ name: 'insert-batches', text: sql, values });
}
