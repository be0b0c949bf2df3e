import type { ClientBase } from 'pg';
import type { Rejection } from '../../activity/activity.js';

/** In order, so that two runs of one job wait for each other instead of deadlocking. */
const sql = `
  insert into vidhuk.rejected_activity (source, batch_id, position, reason, detail, raw)
  select * from unnest($1::text[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[]) as r(source, batch_id, position)
  order by batch_id, position
  on conflict (batch_id, position) do nothing`;

export async function insertRejections(
  client: ClientBase,
  rejections: readonly { source: string; batchId: string; rejection: Rejection }[],
): Promise<void> {
  const values = [
    rejections.map(({ source }) => source),
    rejections.map(({ batchId }) => batchId),
    rejections.map(({ rejection }) => rejection.position),
    rejections.map(({ rejection }) => rejection.reason),
    rejections.map(({ rejection }) => rejection.detail),
    rejections.map(({ rejection }) => rejection.raw),
  ];
  await client.query({ name: 'insert-rejections', text: sql, values });
}
