import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint } from './columns.js';

/** One `vidhuk rebuild`. */
export interface Rebuild {
  id: number;
  state: 'running' | 'done' | 'cancelled';
  checkOnly: boolean;
  source: string | null;
  contexts: Record<string, { timeZone: string; maxAhead: string }>;
  optIn: Record<string, [endsUnsubscribed: boolean, endsComplaint: boolean]>;
  rulesVersion: number;
  logFrom: Date | null;
  beganAt: Date;
  endedAt: Date | null;
  pausedMs: number | null;
}

export const RebuildEntity = new EntitySchema<Rebuild>({
  name: 'rebuild',
  columns: {
    id: { ...safeBigint, primary: true },
    state: { type: 'text' },
    checkOnly: { name: 'check_only', type: 'boolean' },
    source: { type: 'text', nullable: true },
    contexts: { type: 'jsonb' },
    optIn: { name: 'opt_in', type: 'jsonb' },
    rulesVersion: { name: 'rules_version', type: 'integer' },
    logFrom: nullableTime('log_from'),
    beganAt: { name: 'began_at', type: 'timestamptz' },
    endedAt: nullableTime('ended_at'),
    pausedMs: { name: 'paused_ms', type: 'integer', nullable: true },
  },
});
