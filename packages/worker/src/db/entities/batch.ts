import { EntitySchema } from 'typeorm';

/** One webhook call; the body is read with `activity_raw` only. */
export interface Batch {
  id: string;
  source: string;
  origin: string;
  receivedAt: Date;
  processedAt: Date;
  body: Buffer | null;
  bytes: number;
  total: number;
  new: number;
  duplicate: number;
  rejected: number;
  erased: number;
  expired: number;
}

export const BatchEntity = new EntitySchema<Batch>({
  name: 'batch',
  columns: {
    id: { type: 'uuid', primary: true },
    receivedAt: { name: 'received_at', type: 'timestamptz', primary: true },
    source: { type: 'text' },
    origin: { type: 'text' },
    processedAt: { name: 'processed_at', type: 'timestamptz' },
    body: { type: 'bytea', nullable: true, select: false },
    bytes: { type: 'integer' },
    total: { type: 'integer' },
    new: { type: 'integer' },
    duplicate: { type: 'integer' },
    rejected: { type: 'integer' },
    erased: { type: 'integer' },
    expired: { type: 'integer' },
  },
});
