import type { ClientBase } from 'pg';
import type { ContactSnapshot } from '../../handlers/handler.js';
import type { PlannedSubject } from '../planned-activity.js';
import { gateColumns, type ActionGateRow } from './action-state.js';

export interface LoadedFollowUp extends ActionGateRow {
  id: string;
  job_id: string;
  call_id: string;
  attempts: number;
  /** When it was handed to the queue. */
  claimed_at: Date;
  activity: PlannedSubject;
  contact: ContactSnapshot | null;
  previous: ContactSnapshot | null;
}

/** A call in the hands of the job that carries it. */
export interface QueuedCall {
  jobId: string;
  callId: string;
}

/** The rows of these calls, each with the state of its action, in order of their activities. A call whose rows were cancelled or reclaimed has none. */
export async function loadFollowUps(
  client: Pick<ClientBase, 'query'>,
  action: string,
  calls: readonly QueuedCall[],
): Promise<LoadedFollowUp[]> {
  const { rows } = await client.query<LoadedFollowUp>({
    text: `select f.id, f.job_id, f.call_id, f.attempts, f.claimed_at, f.activity, f.contact, f.previous, ${gateColumns}
           from vidhuk.follow_up f left join vidhuk.action_state s on s.action = f.action
           where f.action = $1 and f.job_id = any($2::uuid[]) and f.call_id = any($3::uuid[]) and f.state = 'queued'
           order by f.occurred_at, f.activity_key`,
    values: [action, [...new Set(calls.map(({ jobId }) => jobId))], calls.map(({ callId }) => callId)],
  });
  return rows;
}
