import { EntitySchema } from 'typeorm';
import { nullableTime } from './columns.js';

/** How far back the log goes; one row. */
export interface Horizon {
  id: boolean;
  /** Null: all is kept. */
  logFrom: Date | null;
}

export const HorizonEntity = new EntitySchema<Horizon>({
  name: 'horizon',
  columns: { id: { type: 'boolean', primary: true }, logFrom: nullableTime('log_from') },
});
