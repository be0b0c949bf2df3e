import type { ClientBase } from 'pg';
import type { Rejection } from '../../activity/activity.js';

/**
 * In order, so that two runs of one job wait for each other instead of deadlocking. As JSON: the driver escapes an array of texts by patterns in
 * JavaScript, which took a minute and gigabytes for a broken body of 60 MB.
 */
const sql = `
  insert into vidhuk.rejected_activity (source, batch_id, position, reason, detail, contact_id, moves_flag, raw)
  select source, batch_id, position, reason, detail, contact_id, moves_flag, raw
  from json_to_recordset($1)
    as r(source text, batch_id uuid, position integer, reason text, detail text, contact_id bigint, moves_flag boolean, raw text)
  order by batch_id, position
  on conflict (batch_id, position) do nothing`;

export async function insertRejections(
  client: ClientBase,
  rejections: readonly { source: string; batchId: string; rejection: Rejection }[],
): Promise<void> {
  const records = rejections.map(({ source, batchId, rejection }) => ({
    source,
    batch_id: batchId,
    position: rejection.position,
    reason: rejection.reason,
    detail: rejection.detail.toWellFormed().replaceAll('\0', '\u{FFFD}'), // it may quote what came
    contact_id: rejection.contactId,
    moves_flag: rejection.movesFlag,
    raw: rejection.raw,
  }));
  await client.query({ name: 'insert-rejections', text: sql, values: [JSON.stringify(records)] });
}
