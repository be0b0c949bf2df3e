import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint } from './columns.js';

export const followUpStates = ['waiting', 'queued', 'done', 'failed', 'cancelled', 'held', 'dry-run'] as const;
export type FollowUpState = (typeof followUpStates)[number];

/** As the ledger keeps it; what is in it is the business of those who plan and deliver. */
type JsonObject = Readonly<Record<string, unknown>>;

export interface FollowUp {
  id: string;
  action: string;
  source: string;
  activityKey: string;
  occurredAt: Date;
  contactId: number | null;
  state: FollowUpState;
  attempts: number;
  lastError: string | null;
  createdAt: Date;
  nextAttemptAt: Date | null;
  doneAt: Date | null;
  callId: string | null;
  jobId: string | null;
  claimedAt: Date | null;
  blocked: boolean;
  activity: JsonObject;
  contact: JsonObject | null;
  previous: JsonObject | null;
}

export const FollowUpEntity = new EntitySchema<FollowUp>({
  name: 'follow_up',
  columns: {
    id: { type: 'uuid', primary: true },
    action: { type: 'text' },
    source: { type: 'text' },
    activityKey: { name: 'activity_key', type: 'uuid' },
    occurredAt: { name: 'occurred_at', type: 'timestamptz' },
    contactId: { name: 'contact_id', nullable: true, ...safeBigint },
    state: { type: 'text' },
    attempts: { type: 'integer' },
    lastError: { name: 'last_error', type: 'text', nullable: true },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    nextAttemptAt: nullableTime('next_attempt_at'),
    doneAt: nullableTime('done_at'),
    callId: { name: 'call_id', type: 'uuid', nullable: true },
    jobId: { name: 'job_id', type: 'uuid', nullable: true },
    claimedAt: nullableTime('claimed_at'),
    blocked: { type: 'boolean', default: false },
    activity: { type: 'jsonb' },
    contact: { type: 'jsonb', nullable: true },
    previous: { type: 'jsonb', nullable: true },
  },
});
