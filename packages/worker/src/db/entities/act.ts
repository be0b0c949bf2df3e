import { EntitySchema } from 'typeorm';
import { safeBigint } from './columns.js';

/** What somebody did by the command line. */
export interface Act {
  id: number;
  doneAt: Date;
  who: string;
  command: string;
  detail: Readonly<Record<string, unknown>>;
}

export const ActEntity = new EntitySchema<Act>({
  name: 'act',
  columns: {
    id: { primary: true, ...safeBigint },
    doneAt: { name: 'done_at', type: 'timestamptz' },
    who: { type: 'text' },
    command: { type: 'text' },
    detail: { type: 'jsonb' },
  },
});
