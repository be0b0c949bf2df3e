import type { ClientBase } from 'pg';
import type { Rejection } from '../../activity/activity.js';
import { bigintColumn, booleanColumn, integerColumn, RowArray, textColumn, uuidColumn } from '../../db/rows/row-array.js';

export interface BatchRejection {
  source: string;
  batchId: string;
  rejection: Rejection;
}

/** Bytes of an element that are kept in its row: the body has all of it, and a body of 64 MB may be one broken element. */
const keptBytes = 65_536;

/** Whole characters. */
function beginningOf(text: string): string {
  if (text.length * 3 <= keptBytes || Buffer.byteLength(text) <= keptBytes) return text;
  return new TextDecoder().decode(Buffer.from(text.slice(0, keptBytes)).subarray(0, keptBytes), { stream: true });
}

/** For people; it may quote what came. */
const storable = (detail: string): string => detail.toWellFormed().replaceAll('\0', '\u{FFFD}');

export const rejectionRows = new RowArray<BatchRejection>('vidhuk.rejection_input', [
  textColumn('source', ({ source }) => source),
  uuidColumn('batch_id', ({ batchId }) => batchId),
  integerColumn('position', ({ rejection }) => rejection.position),
  textColumn('reason', ({ rejection }) => rejection.reason),
  textColumn('detail', ({ rejection }) => storable(rejection.detail)),
  bigintColumn('contact_id', ({ rejection }) => rejection.contactId),
  booleanColumn('moves_flag', ({ rejection }) => rejection.movesFlag),
  textColumn('raw', ({ rejection }) => beginningOf(rejection.raw)),
  integerColumn('raw_bytes', ({ rejection }) => Buffer.byteLength(rejection.raw)),
]);

/** How much of the statement's room one takes. */
export const weightOfRejection = ({ rejection }: BatchRejection): number => Math.min(rejection.raw.length, keptBytes);

/** In order, so that two runs of one job wait for each other instead of deadlocking. */
const sql = `
  insert into vidhuk.rejected_activity (${rejectionRows.names})
  select ${rejectionRows.names} from ${rejectionRows.unnested}
  order by batch_id, position
  on conflict (batch_id, position) do nothing`;

export async function insertRejections(client: ClientBase, rejections: readonly BatchRejection[]): Promise<void> {
  const room = rejections.reduce((sum, rejection) => sum + weightOfRejection(rejection), 0);
  const values = [rejectionRows.parameter(client, rejectionRows.encode(rejections, room))];
  await client.query({ name: 'insert-rejections', text: sql, values });
}
