import type { ClientBase } from 'pg';
import type { Batch } from '../batch.js';

/** The batches that have brought the activities of a body are the only ones that can have the same bytes. */
const sql = `
  select distinct wanted.id
  from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as wanted(id, occurred_at, activity_key)
  join unnest($4::uuid[], $5::bytea[]) as body(id, digest) using (id)
  join vidhuk.activity a on a.occurred_at = wanted.occurred_at and a.activity_key = wanted.activity_key
  join vidhuk.batch b on b.id = a.batch_id and b.body is not null and sha256(b.body) = body.digest`;

/** In activities of one batch: more are not looked for, and its body is kept. */
const most = 5_000;

/** Which of `batches`, each with the SHA-256 of its body, are kept already, byte for byte; by id. */
export async function findKeptBodies(
  client: ClientBase,
  batches: readonly { batch: Batch; digest: Buffer }[],
): Promise<Set<string>> {
  const probes = batches.flatMap(({ batch }) =>
    batch.activities.slice(0, most).map(({ occurredAt, key }) => ({ id: batch.id, occurredAt: new Date(occurredAt), key })),
  );
  const { rows } = await client.query<{ id: string }>(sql, [
    probes.map(({ id }) => id),
    probes.map(({ occurredAt }) => occurredAt.toISOString()),
    probes.map(({ key }) => key),
    batches.map(({ batch }) => batch.id),
    batches.map(({ digest }) => digest),
  ]);
  return new Set(rows.map(({ id }) => id));
}
