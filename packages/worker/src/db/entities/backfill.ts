import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint } from './columns.js';

/** How far it is what a migration does to all rows of a table. */
export interface Backfill {
  name: string;
  after: string | null;
  done: number;
  total: number;
  beganAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
}

export const BackfillEntity = new EntitySchema<Backfill>({
  name: 'backfill',
  columns: {
    name: { type: 'text', primary: true },
    after: { type: 'text', nullable: true },
    done: safeBigint,
    total: safeBigint,
    beganAt: { name: 'began_at', type: 'timestamptz' },
    updatedAt: { name: 'updated_at', type: 'timestamptz' },
    endedAt: nullableTime('ended_at'),
  },
});
