import type { ClientBase } from 'pg';
import type { Batch } from '../batch.js';

/**
 * The batches that have brought the activities of a body are the only ones that can have the same bytes. Each is looked at once, and hashed only where its
 * length is the same: bodies are large, and a batch has thousands of activities.
 */
const sql = `
  with candidate as materialized (
    select distinct wanted.id, a.batch_id
    from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as wanted(id, occurred_at, activity_key)
    join vidhuk.activity a on a.occurred_at = wanted.occurred_at and a.activity_key = wanted.activity_key
  )
  select distinct candidate.id
  from candidate
  join unnest($4::uuid[], $5::bytea[], $6::integer[]) as wanted(id, digest, bytes) using (id)
  cross join lateral (
    select sha256(b.body) as digest from vidhuk.batch b
    where b.id = candidate.batch_id and b.bytes = wanted.bytes and b.body is not null
    offset 0
  ) as kept
  where kept.digest = wanted.digest`;

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
    batches.map(({ batch }) => batch.body.length),
  ]);
  return new Set(rows.map(({ id }) => id));
}
