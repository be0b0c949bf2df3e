import type { ClientBase } from 'pg';
import type { ContactSnapshot } from '../../handlers/handler.js';
import type { PlannedActivity } from '../entities/follow-up.js';

export interface LoadedFollowUp {
  id: string;
  job_id: string;
  call_id: string;
  attempts: number;
  /** When it was handed to the queue. */
  claimed_at: Date;
  activity: PlannedActivity;
  contact: ContactSnapshot | null;
  previous: ContactSnapshot | null;
}

/** The rows that these jobs carry, those of one job in order of their activities; a job whose rows were cancelled or reclaimed has none. */
export async function loadFollowUps(
  client: Pick<ClientBase, 'query'>,
  action: string,
  jobIds: readonly string[],
): Promise<LoadedFollowUp[]> {
  const { rows } = await client.query<LoadedFollowUp>({
    name: 'load-follow-ups',
    text: `select id, job_id, call_id, attempts, claimed_at, activity, contact, previous from vidhuk.follow_up
           where action = $1 and job_id = any($2::uuid[]) and state = 'queued' order by occurred_at, activity_key`,
    values: [action, jobIds],
  });
  return rows;
}
