import type { ClientBase } from 'pg';
import type { FollowUpState } from '../../db/entities/follow-up.js';
import { isErasure, withoutErased } from './insert-erasures.js';
import { unblockNext, type EndedRow } from './unblock-follow-ups.js';

export interface RowResult {
  id: string;
  /** Carries the row; another job's row is left alone. */
  jobId: string;
  state: Extract<FollowUpState, 'done' | 'failed' | 'waiting'>;
  /** Whether it counts as an attempt. */
  attempted: boolean;
  error: string | null;
  /** For `waiting`: ms until the next attempt. */
  delayMs: number | null;
  /** Leaves its group: it goes out in another call next time. */
  leavesGroup: boolean;
  /** That call, where it is known by now. */
  nextCallId?: string;
}

const sql = `
  update vidhuk.follow_up f set
    state = r.state,
    attempts = f.attempts + r.attempted::integer,
    last_error = case when r.state = 'done' then null else coalesce(r.error, f.last_error) end,
    next_attempt_at = case when r.state = 'waiting' then now() + r.delay_ms * interval '1 ms' end,
    done_at = case when r.state <> 'waiting' then now() end,
    call_id = case when r.leaves_group then r.next_call_id else f.call_id end,
    activity = case when r.state = 'done' and f.${isErasure} then f.${withoutErased} else f.activity end,
    job_id = null
  from json_to_recordset($1) as r(id uuid, job_id uuid, state text, attempted boolean, error text, delay_ms bigint, leaves_group boolean,
    next_call_id uuid)
  where f.id = r.id and f.job_id = r.job_id and f.state = 'queued'
  returning f.action, f.source, f.contact_id, f.state <> 'waiting' as ended`;

// Without a name, so that no plan of an empty ledger is kept: see `claim-follow-ups.ts`.

/**
 * Records what became of rows, in a transaction; one that was cancelled or reclaimed meanwhile stays as it is. Gives how many were recorded. Of each
 * contact of which a row has ended, the `next` rows that waited for it may go.
 */
export async function finishFollowUps(client: ClientBase, results: readonly RowResult[], next: number): Promise<number> {
  if (results.length === 0) return 0;
  const records = results.map(({ id, jobId, state, attempted, error, delayMs, leavesGroup, nextCallId }) => ({
    id,
    job_id: jobId,
    state,
    attempted,
    error,
    delay_ms: delayMs,
    leaves_group: leavesGroup,
    next_call_id: nextCallId,
  }));
  const { rows } = await client.query<EndedRow & { ended: boolean }>({ text: sql, values: [JSON.stringify(records)] });
  await unblockNext(
    client,
    rows.filter(({ ended }) => ended),
    next,
  );
  return rows.length;
}
