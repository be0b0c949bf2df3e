import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint } from './columns.js';

export type SliceKind = 'copy-log' | 'copy-contacts' | 'bodies' | 'log' | 'late';

/** One piece of a rebuild, which any worker may do. */
export interface RebuildSlice {
  rebuildId: number;
  nth: number;
  kind: SliceKind;
  source: string | null;
  first: string;
  last: string;
  elements: number;
  doneAt: Date | null;
  problem: string | null;
}

export const RebuildSliceEntity = new EntitySchema<RebuildSlice>({
  name: 'rebuild_slice',
  columns: {
    rebuildId: { ...safeBigint, name: 'rebuild_id', primary: true },
    nth: { type: 'integer', primary: true },
    kind: { type: 'text' },
    source: { type: 'text', nullable: true },
    first: { type: 'text' },
    last: { type: 'text' },
    elements: { type: 'integer' },
    doneAt: nullableTime('done_at'),
    problem: { type: 'text', nullable: true },
  },
});
