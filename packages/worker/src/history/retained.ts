/** What grows and may go after a while: one line for each kind, with its setting of `retention`. */
import type { Configuration } from '@vidhuk/shared';

export interface Retained {
  setting: keyof Configuration['retention'];
  table: string;
  /** What goes, for people. */
  what: string;
  /** The column that tells its age. */
  age: string;
  key: readonly string[];
  /** Which of its rows may go at all. */
  where: string;
  /** Null: the row goes; else what is set instead. */
  set: string | null;
}

export const retained: readonly Retained[] = [
  {
    setting: 'bodies',
    table: 'batch',
    what: 'bodies of batches',
    age: 'received_at',
    key: ['id', 'received_at'],
    where: 'body is not null',
    set: 'body = null',
  },
  {
    setting: 'followUps',
    table: 'follow_up',
    what: 'follow-ups that came to an end',
    age: 'created_at',
    key: ['id'],
    where: `state in ('done', 'failed', 'cancelled', 'dry-run', 'held')`,
    set: null,
  },
  {
    setting: 'quarantine',
    table: 'rejected_activity',
    what: 'broken elements that were resolved',
    age: 'resolved_at',
    key: ['id'],
    where: 'resolved_at is not null',
    set: null,
  },
  {
    setting: 'requests',
    table: 'workflow_request',
    what: 'requests of workflows',
    age: 'received_at',
    key: ['id', 'received_at'],
    where: 'true',
    set: null,
  },
];
