import { EntitySchema } from 'typeorm';
import { safeBigint } from './columns.js';

/** What a run found of one day, status and kind. */
export interface Drift {
  runId: number;
  /** YYYY-MM-DD, UTC. */
  day: string;
  status: string;
  kind: string;
  count: number;
}

export const DriftEntity = new EntitySchema<Drift>({
  name: 'drift',
  columns: {
    runId: { name: 'run_id', ...safeBigint, primary: true },
    day: { type: 'date', primary: true },
    status: { type: 'text', primary: true },
    kind: { type: 'text', primary: true },
    count: safeBigint,
  },
});
