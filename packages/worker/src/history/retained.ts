/** What grows and may go after a while, row by row: one line for each kind, with its setting of `retention`. Bodies and months go otherwise. */
import type { Configuration } from '@vidhuk/shared';

export type Settings = Configuration['retention'];

export interface Retained {
  setting: keyof Settings;
  table: string;
  /** What goes, for people. */
  what: string;
  /** The column that tells its age. */
  age: string;
  /** Which of its rows may go at all. */
  where: string;
}

export const retained: readonly Retained[] = [
  {
    setting: 'followUps',
    table: 'follow_up',
    what: 'follow-ups that came to an end',
    age: 'created_at',
    where: `state in ('done', 'failed', 'cancelled', 'dry-run', 'held')`,
  },
  {
    setting: 'quarantine',
    table: 'rejected_activity',
    what: 'broken elements that were resolved',
    age: 'resolved_at',
    where: 'resolved_at is not null',
  },
  { setting: 'requests', table: 'workflow_request', what: 'requests of workflows', age: 'received_at', where: 'true' },
  { setting: 'requests', table: 'workflow_request_key', what: 'what tells requests apart', age: 'received_at', where: 'true' },
];

/** Of the table `batch`, counted as the others are; see `drop-bodies.ts` for how they go. */
export const keptBodies: Retained = {
  setting: 'bodies',
  table: 'batch',
  what: 'bodies of batches',
  age: 'received_at',
  where: 'body is not null',
};
