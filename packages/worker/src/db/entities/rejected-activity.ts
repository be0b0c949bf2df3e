import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint } from './columns.js';

export interface RejectedActivity {
  id: number;
  source: string;
  batchId: string;
  position: number;
  reason: string;
  detail: string;
  /** Whom it may be about; null where none could be read. */
  contactId: number | null;
  /** Sound, it would have forbidden to write to somebody, or allowed it again. */
  movesFlag: boolean;
  /** Of a long one its beginning, see {@link rawBytes}. */
  raw: string;
  rawBytes: number;
  rejectedAt: Date;
  resolvedAt: Date | null;
  resolution: string | null;
}

export const RejectedActivityEntity = new EntitySchema<RejectedActivity>({
  name: 'rejected_activity',
  columns: {
    id: { primary: true, ...safeBigint },
    source: { type: 'text' },
    batchId: { name: 'batch_id', type: 'uuid' },
    position: { type: 'integer' },
    reason: { type: 'text' },
    detail: { type: 'text' },
    contactId: { name: 'contact_id', nullable: true, ...safeBigint },
    movesFlag: { name: 'moves_flag', type: 'boolean' },
    raw: { type: 'text' },
    rawBytes: { name: 'raw_bytes', type: 'integer' },
    rejectedAt: { name: 'rejected_at', type: 'timestamptz' },
    resolvedAt: nullableTime('resolved_at'),
    resolution: { type: 'text', nullable: true },
  },
});
