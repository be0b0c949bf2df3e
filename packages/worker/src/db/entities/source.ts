import { EntitySchema } from 'typeorm';

/** What decides flags besides activities: settings of a configured source. */
export interface Source {
  source: string;
  optInEndsUnsubscribed: boolean;
  optInEndsComplaint: boolean;
  decided: boolean;
}

export const SourceEntity = new EntitySchema<Source>({
  name: 'source',
  columns: {
    source: { type: 'text', primary: true },
    optInEndsUnsubscribed: { name: 'opt_in_ends_unsubscribed', type: 'boolean' },
    optInEndsComplaint: { name: 'opt_in_ends_complaint', type: 'boolean' },
    decided: { type: 'boolean' },
  },
});
