import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint } from './columns.js';

export type RoadName = 'pull' | 'export' | 'file';

/** A time that could not be read whole; ISO 8601, by the clock of the source. */
export interface Unread {
  from: string;
  to: string;
  reason: string;
}

/** One comparison of the log with one road. */
export interface ReconcileRun {
  id: number;
  source: string;
  road: RoadName;
  scheduled: boolean;
  dryRun: boolean;
  periodFrom: Date | null;
  periodTo: Date | null;
  readUntil: Date | null;
  beganAt: Date;
  endedAt: Date | null;
  state: 'running' | 'complete' | 'incomplete' | 'failed' | 'abandoned';
  rejected: number;
  unread: Unread[];
  problem: string | null;
}

export const ReconcileRunEntity = new EntitySchema<ReconcileRun>({
  name: 'reconcile_run',
  columns: {
    id: { ...safeBigint, primary: true },
    source: { type: 'text' },
    road: { type: 'text' },
    scheduled: { type: 'boolean' },
    dryRun: { name: 'dry_run', type: 'boolean' },
    periodFrom: nullableTime('period_from'),
    periodTo: nullableTime('period_to'),
    readUntil: nullableTime('read_until'),
    beganAt: { name: 'began_at', type: 'timestamptz' },
    endedAt: nullableTime('ended_at'),
    state: { type: 'text' },
    rejected: safeBigint,
    unread: { type: 'jsonb' },
    problem: { type: 'text', nullable: true },
  },
});
