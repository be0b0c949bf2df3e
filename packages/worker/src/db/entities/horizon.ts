import { EntitySchema } from 'typeorm';
import { nullableTime } from './columns.js';

/** How far back the log goes, and what is beside it; one row. */
export interface Horizon {
  id: boolean;
  /** Null: all is kept. */
  logFrom: Date | null;
  /** Before it months of batches may go; null: all is kept. */
  batchFrom: Date | null;
  /** The same of requests of workflows. */
  requestFrom: Date | null;
}

export const HorizonEntity = new EntitySchema<Horizon>({
  name: 'horizon',
  columns: {
    id: { type: 'boolean', primary: true },
    logFrom: nullableTime('log_from'),
    batchFrom: nullableTime('batch_from'),
    requestFrom: nullableTime('request_from'),
  },
});
