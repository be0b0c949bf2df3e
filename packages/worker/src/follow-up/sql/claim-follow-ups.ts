/**
 * The statements with which the feeder hands waiting rows to the queue. It runs them under an advisory lock: one feeder per action at a time.
 *
 * They have no names, and so are planned each time: a plan that is kept from the days when the ledger was empty reads all of it for each row, which
 * took 13 s for the first 160 of 100,000 rows instead of 0.2 s.
 */
import type { ClientBase } from 'pg';

const feederLock = `hashtextextended('vidhuk follow-up ' || $1, 0)`;

/** True when no other worker is feeding this action now; held to the end of the transaction. */
export async function tryLockFeeder(client: ClientBase, action: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>({
    name: 'lock-feeder',
    text: `select pg_try_advisory_xact_lock(${feederLock}) as locked`,
    values: [action],
  });
  return rows[0]?.locked ?? false;
}

/** Waits until no worker is feeding this action, and keeps all from it to the end of the transaction. */
export async function lockFeeder(client: ClientBase, action: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(${feederLock})`, [action]);
}

/** Calls of this action that are in the queue or under way. */
export async function countQueuedCalls(client: ClientBase, action: string): Promise<number> {
  const { rows } = await client.query<{ calls: string }>({
    text: `select count(distinct call_id) as calls from vidhuk.follow_up where action = $1 and state = 'queued'`,
    values: [action],
  });
  return Number(rows[0]?.calls ?? 0);
}

export interface DueRow {
  id: string;
  call_id: string | null;
  /** Whom it is about; null for anonymous activities. */
  contact: string | null;
  /** ms since it was due. */
  due_ms: number;
}

/**
 * Earlier activities of the same contact that are not at their end. `offset 0` keeps them from becoming a join: statistics do not know how many rows
 * are queued at the moment, and a join took them for one, and compared each waiting row with each queued one (3,200 with 6,400: 2 s instead of 8 ms).
 */
const earlierThan = (row: string, condition = 'true', columns = ''): string => `
  select ${columns} from vidhuk.follow_up e
  where e.action = ${row}.action and e.contact_id = ${row}.contact_id and e.source = ${row}.source and e.state in ('waiting', 'queued')
    and (e.occurred_at, e.activity_key) < (${row}.occurred_at, ${row}.activity_key) and ${condition}
  offset 0`;

/** How far the ledger was looked through: rows behind it come next. As texts, which keep the microseconds. */
export interface Position {
  at: string;
  id: string;
}

export const fromTheStart: Position = { at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** A row that is due. */
export interface ExaminedRow extends DueRow {
  /** An earlier activity of its contact is not at its end. */
  waits: boolean;
  position_at: string;
  position_id: string;
}

/** `new`: rows that never went out, oldest activity first; `again`: those that did, the longest due first. */
export type DueKind = 'new' | 'again';

const orders = { new: ['occurred_at', 'activity_key'], again: ['next_attempt_at', 'id'] } as const;

/**
 * The next due rows. A row waits behind an earlier activity of the same contact: behind every one that is not done when rows go out singly, in groups
 * only behind one that cannot go out together with it, because it went out before, is not due, or waits itself.
 *
 * One that waits is marked, so that no later look meets it again: `unblockNext` takes the mark away when what it waits for has ended. That row is
 * locked for it, or somebody might end it in this very moment who has not seen the mark; where it is locked already, the next look tells.
 */
const examineSql = (kind: DueKind, grouped: boolean): string => {
  const [at, id] = orders[kind];
  const earlier = grouped ? `(e.state = 'queued' or e.call_id is not null or e.next_attempt_at > now() or e.blocked)` : undefined;
  return `
  with due as materialized (
    select f.*
    from vidhuk.follow_up f
    where f.action = $1 and f.state = 'waiting' and f.call_id is ${kind === 'new' ? '' : 'not '}null and not f.blocked and f.next_attempt_at <= now()
      and (f.${at}, f.${id}) > ($3, $4::uuid)
    order by f.${at}, f.${id}
    limit $2
    for update of f skip locked
  ), verdict as materialized (
    select due.*, exists (${earlierThan('due', earlier)}) as waits, held.id as held
    from due left join lateral (${earlierThan('due', earlier, 'e.id')} limit 1 for share of e skip locked) as held on true
  ), marked as (
    update vidhuk.follow_up f set blocked = true from verdict where f.id = verdict.id and verdict.waits and verdict.held is not null
  )
  select id, call_id, source || ' ' || contact_id as contact, extract(epoch from clock_timestamp() - next_attempt_at)::float8 * 1000 as due_ms,
    waits, ${at}::text as position_at, ${id} as position_id
  from verdict order by ${at}, ${id}`;
};

export async function examineDue(
  client: ClientBase,
  action: string,
  { kind, grouped, limit, behind }: { kind: DueKind; grouped: boolean; limit: number; behind: Position },
): Promise<ExaminedRow[]> {
  const values = [action, limit, behind.at, behind.id];
  return (await client.query<ExaminedRow>({ text: examineSql(kind, grouped), values })).rows;
}

/**
 * Calls of several rows that failed and are due again, whole: the same rows, so that every attempt sends the same bytes. They wait behind earlier
 * activities as new rows do; whatever they wait for came into the ledger after they had gone out, or is the first half of a call of which they are the
 * second, so no two wait for each other. Of a contact that a call has twice, the first counts: what comes late in between the two waits for the first,
 * and would for ever if the second waited for it.
 */
const againInGroupsSql = `
  select f.id, f.call_id, null as contact, 0 as due_ms
  from vidhuk.follow_up f
  where f.action = $1 and f.state = 'waiting' and f.call_id in (
      select d.call_id from vidhuk.follow_up d
      where d.action = $1 and d.state = 'waiting' and d.call_id is not null and d.next_attempt_at <= now()
      group by d.call_id
      having not exists (
        select from vidhuk.follow_up m where m.action = $1 and m.state = 'waiting' and m.call_id = d.call_id
          and exists (${earlierThan('m', 'e.call_id is distinct from m.call_id')})
          and not exists (${earlierThan('m', 'e.call_id = m.call_id')}))
      order by min(d.next_attempt_at) limit $2)
  order by f.next_attempt_at, f.call_id, f.occurred_at, f.activity_key
  for update of f skip locked`;

export async function selectAgainInGroups(client: ClientBase, action: string, limit: number): Promise<DueRow[]> {
  return (await client.query<DueRow>({ text: againInGroupsSql, values: [action, limit] })).rows;
}

export async function markQueued(
  client: ClientBase,
  rows: readonly { id: string; callId: string; jobId: string }[],
): Promise<void> {
  await client.query({
    text: `update vidhuk.follow_up f set state = 'queued', call_id = r.call_id, job_id = r.job_id, claimed_at = now(), blocked = false
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as r(id, call_id, job_id) where f.id = r.id`,
    values: [rows.map(({ id }) => id), rows.map(({ callId }) => callId), rows.map(({ jobId }) => jobId)],
  });
}

/** Jobs that were handed out at least `olderThanMs` ago and whose rows have not come back. */
export async function selectOldJobs(client: ClientBase, action: string, olderThanMs: number): Promise<string[]> {
  const { rows } = await client.query<{ job_id: string }>(
    `select distinct job_id from vidhuk.follow_up
     where action = $1 and state = 'queued' and claimed_at < now() - $2 * interval '1 ms'`,
    [action, olderThanMs],
  );
  return rows.map(({ job_id }) => job_id);
}

/** Jobs that were handed out at least `olderThanMs` ago for actions that are not among `actions`. */
export async function selectRemovedJobs(
  client: ClientBase,
  actions: readonly string[],
  olderThanMs: number,
): Promise<{ action: string; jobIds: string[] }[]> {
  const { rows } = await client.query<{ action: string; jobIds: string[] }>(
    `select action, array_agg(distinct job_id) as "jobIds" from vidhuk.follow_up
     where state = 'queued' and action <> all($1::text[]) and claimed_at < now() - $2 * interval '1 ms'
     group by action order by action`,
    [actions, olderThanMs],
  );
  return rows;
}

/** Puts rows that a job carries under a key that it does not know back among the waiting. */
export async function reclaimRenewed(client: ClientBase, action: string, job: { id: string; calls: string[] }): Promise<void> {
  await client.query(
    `update vidhuk.follow_up set state = 'waiting', next_attempt_at = now(), job_id = null
     where action = $1 and job_id = $2 and state = 'queued' and call_id <> all($3::uuid[])`,
    [action, job.id, job.calls],
  );
}

/** Puts the rows of jobs that the queue does not know any more back among the waiting; gives how many. */
export async function reclaimJobs(client: ClientBase, action: string, jobIds: readonly string[]): Promise<number> {
  const { rowCount } = await client.query(
    `update vidhuk.follow_up set state = 'waiting', next_attempt_at = now(), job_id = null
     where action = $1 and job_id = any($2::uuid[]) and state = 'queued'`,
    [action, jobIds],
  );
  return rowCount ?? 0;
}
