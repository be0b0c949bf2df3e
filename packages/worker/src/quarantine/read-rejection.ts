/** One broken element with its whole text: of a long one its row has the beginning, and the body of its batch the rest. */
import type { DataSource } from 'typeorm';
import { elementTexts } from '../activity/element-texts.js';
import { decode } from '../activity/parse-batch.js';
import type { RejectedActivity } from '../db/entities/rejected-activity.js';
import { readBatchBody } from './sql/read-batch-body.js';
import { selectRejection } from './sql/select-rejections.js';

export interface WholeRejection extends RejectedActivity {
  /** False where the body is not kept any more: `raw` is the beginning. */
  isWhole: boolean;
}

/** What is broken is the body itself. */
const wholeBody = new Set(['not-json', 'too-many-elements']);

/** null where there is none; `resolved`: also one that was resubmitted or discarded. */
export async function readRejection(dataSource: DataSource, id: number, resolved: boolean): Promise<WholeRejection | null> {
  const row = await selectRejection(dataSource, id, resolved);
  if (row === null) return null;
  if (Buffer.byteLength(row.raw) >= row.rawBytes) return { ...row, isWhole: true };
  const body = await readBatchBody(dataSource, row.batchId);
  if (body === null) return { ...row, isWhole: false };
  const text = decode(body).replaceAll('\0', '\u{FFFD}').toWellFormed();
  const raw = wholeBody.has(row.reason) ? text : elementTexts(text)[row.position];
  return raw === undefined ? { ...row, isWhole: false } : { ...row, raw, isWhole: true };
}
