import { EntitySchema } from 'typeorm';
import { safeBigint } from './columns.js';

/** How large the database was on a day. */
export interface DiskDay {
  /** `2026-11-30`. */
  day: string;
  bytes: number;
}

export const DiskDayEntity = new EntitySchema<DiskDay>({
  name: 'disk_day',
  columns: { day: { type: 'date', primary: true }, bytes: safeBigint },
});
